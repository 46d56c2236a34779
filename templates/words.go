package templates

import (
	"encoding/json"
	"io/fs"
	"slices"
	"strings"
	"sync"
)

// fallback is the language of people of whom nothing is known.
const fallback = "en"

var locales = []string{"en", "de", "fr", "bg"}

// words are all texts by language and key; read with their first use and never changed.
var words = sync.OnceValue(loadWords)

func loadWords() map[string]map[string]string {
	all := make(map[string]map[string]string, len(locales))
	for _, locale := range locales {
		names, err := fs.Glob(files, "words/*"+locale+".json")
		if err != nil || len(names) == 0 {
			panic("templates: no words in " + locale)
		}
		all[locale] = make(map[string]string)
		for _, name := range names {
			addWords(all[locale], name)
		}
	}
	return all
}

// addWords adds one file, such as words/en.json or, for one area of the product, words/people.en.json.
func addWords(all map[string]string, name string) {
	b, err := files.ReadFile(name)
	if err != nil {
		panic("templates: " + err.Error())
	}
	m := make(map[string]string)
	if err := json.Unmarshal(b, &m); err != nil {
		panic("templates: " + name + ": " + err.Error())
	}
	for key, text := range m {
		if _, twice := all[key]; twice {
			panic("templates: " + name + " says " + key + " again")
		}
		all[key] = text
	}
}

// Locales are the languages there are texts in, the fallback first.
func Locales() []string { return slices.Clone(locales) }

// LocaleName is what the language calls itself.
func LocaleName(locale string) string { return words()[Match(locale)]["locale.name"] }

// Match finds the language to use for a tag such as "de-AT"; English when there is none.
func Match(tag string) string {
	if base, _, ok := strings.Cut(strings.ReplaceAll(tag, "_", "-"), "-"); ok {
		tag = base
	}
	tag = strings.ToLower(tag)
	if slices.Contains(locales, tag) {
		return tag
	}
	return fallback
}

// MatchAccept chooses a language by an Accept-Language header (RFC 9110
// §12.5.4): the first known one in the order given. Weights are not weighed:
// every browser lists the best first.
func MatchAccept(header string) string {
	for part := range strings.SplitSeq(header, ",") {
		tag, _, _ := strings.Cut(strings.TrimSpace(part), ";")
		base, _, _ := strings.Cut(strings.ToLower(tag), "-")
		if slices.Contains(locales, base) {
			return base
		}
	}
	return fallback
}

// T gives the text of key; params fill {name} and come in pairs: name, value.
// A key without a text is shown as it is: tests read all keys in use, so this
// is only what a newer row in the database may cause.
func T(locale, key string, params ...string) string {
	s, ok := words()[Match(locale)][key]
	if !ok {
		return key
	}
	return fill(s, params)
}

// Under lists the keys that begin with prefix, without it, in order.
func Under(prefix string) (list []string) {
	for key := range words()[fallback] {
		if rest, ok := strings.CutPrefix(key, prefix); ok {
			list = append(list, rest)
		}
	}
	slices.Sort(list)
	return list
}

// Has tells whether there are words for key.
func Has(key string) bool {
	_, ok := words()[fallback][key]
	return ok
}

// Coded gives the words for a code of a kind ("error", "reason", "step", …),
// and of an unknown one the code itself, so that a person can report it.
func Coded(locale, kind, code string, params ...string) string {
	if key := kind + "." + code; Has(key) {
		return strings.TrimRight(T(locale, key, worded(locale, params)...), " ")
	}
	return T(locale, "code.unknown", "code", code)
}

// codedParams are parameters whose values are codes themselves, with the kind of the code.
var codedParams = map[string]string{
	"why": "cut", "result": "result", "aligned": "aligned", "policy": "policy", "defect": "defect", "reason": "evidence", "code": "unreadable", "status": "status",
}

// worded replaces values that are codes by their words.
func worded(locale string, params []string) []string {
	for i := 0; i+1 < len(params); i += 2 {
		kind, coded := codedParams[params[i]]
		if !coded || !Has(kind+"."+params[i+1]) {
			continue
		}
		out := slices.Clone(params)
		for j := i; j+1 < len(out); j += 2 {
			if key := codedParams[out[j]] + "." + out[j+1]; Has(key) {
				out[j+1] = T(locale, key)
			}
		}
		return out
	}
	return params
}

// Plural gives the text for n things: key.one or key.other. {n} is the number.
func Plural(locale, key string, n int, params ...string) string {
	form := ".other"
	if n == 1 || n == 0 && Match(locale) == "fr" { // French counts nothing as one
		form = ".one"
	}
	return T(locale, key+form, append([]string{"n", Number(locale, int64(n))}, params...)...)
}

// fill replaces {name} by its value. A name without value stays as it is; values are not filled again.
func fill(s string, params []string) string {
	if len(params) == 0 || !strings.Contains(s, "{") {
		return s
	}
	var b strings.Builder
	for {
		before, rest, ok := strings.Cut(s, "{")
		b.WriteString(before)
		if !ok {
			return b.String()
		}
		if value, after, ok := valueOf(rest, params); ok {
			b.WriteString(value)
			s = after
			continue
		}
		b.WriteByte('{')
		s = rest
	}
}

// valueOf gives the value of the name that ends with the first brace, and what follows that.
func valueOf(s string, params []string) (value, after string, ok bool) {
	name, after, ok := strings.Cut(s, "}")
	for i := 0; ok && i+1 < len(params); i += 2 {
		if params[i] == name {
			return params[i+1], after, true
		}
	}
	return "", "", false
}
