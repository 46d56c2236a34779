// Package templates holds every text a person reads: pages, mails, refusals,
// reasons and errors, in every language.
//
//	words/*.json  -> T, Plural, Has            one flat list of keys a language
//	pages/*.html  -> Page, Fragment            parsed once, a set a language
//	mails/*       -> Mail                      subject, text and HTML side by side
//	static/*      -> Static                    style sheet, script, icon
//
// Callers give plain values and codes; the package gives them words. A code
// without words is a failing test, not an empty line: words_test.go reads the
// codes out of the source of all other packages.
//
// It knows languages and how dates and numbers are written in them. It must
// not know our product's rules, nor where a text is shown.
package templates

import (
	"embed"
	"fmt"
	html "html/template"
	"io"
	"io/fs"
	"sync"
	text "text/template"
)

//go:embed words/*.json pages/*.html mails/* static/*
var files embed.FS

// sets are the parsed templates of one language.
type sets struct {
	pages *html.Template
	texts *text.Template
}

// parsed never changes once it is there. It comes with its first use: a command
// that reads mail shows no page, and needs neither the time nor the memory.
var parsed = sync.OnceValue(parseAll)

// Load reads all texts now, so that a mistake in one of them stops a program
// that serves at its start.
func Load() {
	words()
	parsed()
}

func parseAll() map[string]sets {
	pages := html.Must(html.New("").Option("missingkey=error").Funcs(html.FuncMap(functions(fallback))).
		ParseFS(files, "pages/*.html", "mails/*.html"))
	texts := text.Must(text.New("").Option("missingkey=error").Funcs(functions(fallback)).ParseFS(files, "mails/*.txt"))
	all := make(map[string]sets, len(locales))
	for _, locale := range locales {
		f := functions(locale)
		set := sets{
			pages: html.Must(pages.Clone()).Funcs(html.FuncMap(f)),
			texts: text.Must(texts.Clone()).Funcs(f),
		}
		for _, t := range set.pages.Templates() {
			settle(t.Tree, locale, escaped)
		}
		for _, t := range set.texts.Templates() {
			t.Tree = t.Tree.Copy() // a clone of a text template has its tree in common
			settle(t.Tree, locale, asIs)
		}
		all[locale] = set
	}
	return all
}

// Page writes the page name ("task") in the language. It writes as it goes, so
// callers give it a buffer. Errors are mistakes in a template or its view.
func Page(w io.Writer, locale, name string, view any) error {
	if err := parsed()[Match(locale)].pages.ExecuteTemplate(w, name, view); err != nil {
		return fmt.Errorf("page %s: %w", name, err)
	}
	return nil
}

// Static holds app.css, app.js, upload.js and icon.svg.
func Static() fs.FS {
	sub, err := fs.Sub(files, "static")
	if err != nil {
		panic("templates: static files are missing: " + err.Error())
	}
	return sub
}
