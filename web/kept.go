package web

import (
	"net/http"
	"slices"
	"strings"

	"planpost/core"
)

// keptForm is what somebody sent and could not be done, shown on the page of
// the error: nobody writes a text twice because of our trouble. It needs
// nothing of the database, which may be what is away.
type keptForm struct {
	URL string
	// Hint is the key of what to do about it.
	Hint string
	// Again tells that sending it once more may help.
	Again  bool
	Files  bool
	Fields []keptField
}

// keptField is one field; Key names it in words, empty for what people do not type.
type keptField struct {
	N                int
	Name, Key, Value string
	Long, Secret     bool
}

// typed are the fields that people write into, in the order of the forms.
var typed = []keptField{
	{Name: "login", Key: "signin.login"}, {Name: "account", Key: "setup.account"}, {Name: "title", Key: "task.title"}, {Name: "name", Key: "person.name"},
	{Name: "address", Key: "person.address"}, {Name: "description", Key: "task.description", Long: true}, {Name: "text", Key: "comment.text", Long: true},
	{Name: "password", Key: "signin.password", Secret: true}, {Name: "oldpassword", Key: "password.old", Secret: true},
	{Name: "newpassword", Key: "password.new", Secret: true}, {Name: "newpassword2", Key: "password.again", Secret: true},
}

// kept gives back the form of a visit that ended with err; nil when there was none.
func (v *visit) kept(err error) *keptForm {
	if v.Method != http.MethodPost || core.CodeOf(err) == "crossorigin" { // another site's words are not the person's
		return nil
	}
	if v.PostForm == nil { // trouble came before the form was read
		_ = v.parseWords() // what could be read is kept
	}
	f := &keptForm{URL: next(v.URL.RequestURI()), Files: v.hadFiles}
	f.Hint, f.Again = againHint(core.KindOf(err))
	words := f.fill(v)
	switch {
	case !words && f.Hint != "kept.again":
		return nil
	case !words:
		f.Hint = ""
	case !f.Again:
		f.Files = false
		f.Fields = slices.DeleteFunc(f.Fields, func(k keptField) bool { return k.Key == "" || k.Secret })
	}
	return f
}

// againHint tells whether the same form can succeed later.
func againHint(k core.Kind) (hint string, again bool) {
	switch k {
	case core.Unavailable, core.Internal, core.Limited:
		return "kept.again", true
	case core.Unauthenticated:
		return "kept.signin", true
	}
	return "kept.copy", false
}

// fill takes the fields of the form over and tells whether somebody wrote in
// one of them. A password never comes back: it is asked for again.
func (f *keptForm) fill(v *visit) (words bool) {
	known := map[string]bool{}
	for _, k := range typed {
		k.Value = v.PostFormValue(k.Name)
		if strings.TrimSpace(k.Value) == "" {
			continue
		}
		known[k.Name] = true
		words = words || !k.Secret
		if k.Secret {
			k.Value = ""
		}
		f.add(k)
	}
	var names []string
	for name := range v.PostForm {
		if !known[name] && !strings.Contains(name, "password") {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		for _, value := range v.PostForm[name] {
			f.add(keptField{Name: name, Value: value})
		}
	}
	return words
}

func (f *keptForm) add(k keptField) {
	k.N = len(f.Fields) + 1
	f.Fields = append(f.Fields, k)
}
