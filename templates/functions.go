package templates

import (
	"fmt"
	"html/template"
	"reflect"
	"strings"
	"time"
)

// functions are what templates of one language may call.
//
//	t "key" "name" value …   the text, params as in T
//	label "key"              the text with a colon behind it
//	plural "key" n …         the text for n things
//	coded "kind" code …      words for a code out of the database
//	when zone time           a <time> element; moment gives the text only
func functions(locale string) map[string]any {
	return map[string]any{
		"t":     func(key string, params ...any) string { return T(locale, key, texts(params)...) },
		"label": func(key string) string { return label(locale, key) },
		"plural": func(key string, n any, params ...any) string {
			return Plural(locale, key, integer(n), texts(params)...)
		},
		"coded": func(kind string, code any, params ...any) string {
			return Coded(locale, kind, fmt.Sprint(code), texts(params)...)
		},
		"has":    func(kind string, code any) bool { return Has(kind + "." + fmt.Sprint(code)) },
		"when":   func(zone *time.Location, at time.Time) template.HTML { return timeElement(locale, zone, at) },
		"moment": func(zone *time.Location, at time.Time) string { return Moment(locale, zone, at) },
		"date":   func(zone *time.Location, at time.Time) string { return Date(locale, zone, at) },
		"civil":  func(date, clock string) string { return Civil(locale, date, clock) },
		"number": func(n any) string { return Number(locale, int64(integer(n))) },
		"share":  func(n any) string { return Share(locale, int64(integer(n))) },
		"size":   func(n any) string { return Size(locale, int64(integer(n))) },
		"sheet":  func(width, height int) string { return Sheet(width, height) },
		"join":   func(list []string) string { return List(locale, list) },
		"rich":   Rich,
		"quote":  Quote,
		"spaced": spaced,
		// Outlook alone reads this; a template itself cannot hold a comment.
		"outlook": func(markup string) template.HTML { return template.HTML("<!--[if mso]>" + markup + "<![endif]-->") },
		"locale":  func() string { return locale },
		"dict":    dict,
	}
}

func label(locale, key string) string { return T(locale, "format.label", "label", T(locale, key)) }

// texts turns the params of a template call into strings; a slice of pairs is taken apart.
func texts(params []any) []string {
	var out []string
	for _, p := range params {
		if pairs, ok := p.([]string); ok {
			out = append(out, pairs...)
			continue
		}
		out = append(out, fmt.Sprint(p))
	}
	return out
}

func integer(n any) int {
	v := reflect.ValueOf(n)
	if v.CanInt() {
		return int(v.Int())
	}
	if v.CanUint() {
		return int(v.Uint())
	}
	return 0
}

// dict makes a view for a partial out of pairs.
func dict(pairs ...any) (map[string]any, error) {
	if len(pairs)%2 != 0 {
		return nil, fmt.Errorf("dict wants pairs")
	}
	m := make(map[string]any, len(pairs)/2)
	for i := 0; i < len(pairs); i += 2 {
		name, ok := pairs[i].(string)
		if !ok {
			return nil, fmt.Errorf("dict: %v is no name", pairs[i])
		}
		m[name] = pairs[i+1]
	}
	return m, nil
}

// List writes a, b and c.
func List(locale string, list []string) string {
	if len(list) < 2 {
		return strings.Join(list, "")
	}
	last := len(list) - 1
	return T(locale, "format.and", "list", strings.Join(list[:last], ", "), "last", list[last])
}
