package main

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
)

// setting is one leaf of Config, seen through its tags.
type setting struct {
	path   string // "smtp.listen"
	env    string // "PLANPOST_SMTP_LISTEN"
	def    string
	doc    string
	choice []string
	secret bool
	value  reflect.Value
}

// settings walks the configuration in the order of its fields.
func settings(c *Config) []setting { return walk(reflect.ValueOf(c).Elem(), "") }

func walk(v reflect.Value, prefix string) (list []setting) {
	for i := range v.NumField() {
		f := v.Type().Field(i)
		path := prefix + f.Tag.Get("yaml")
		if f.Type.Kind() == reflect.Struct {
			list = append(list, walk(v.Field(i), path+".")...)
			continue
		}
		s := setting{path: path, env: "PLANPOST_" + strings.ToUpper(strings.ReplaceAll(path, ".", "_")), def: f.Tag.Get("default"), doc: f.Tag.Get("doc"), secret: f.Tag.Get("secret") == "true", value: v.Field(i)}
		if ch := f.Tag.Get("choice"); ch != "" {
			s.choice = strings.Split(ch, ",")
		}
		list = append(list, s)
	}
	return list
}

// set reads text into the setting, or says in plain words what is wrong with it.
func (s setting) set(text string) error {
	text = strings.TrimSpace(text)
	if len(s.choice) > 0 && !slices.Contains(s.choice, text) {
		return fmt.Errorf("%q is none of %s", text, strings.Join(s.choice, ", "))
	}
	switch s.value.Interface().(type) {
	case string:
		s.value.SetString(text)
	case bool:
		b, err := strconv.ParseBool(text)
		if err != nil {
			return fmt.Errorf("%q is neither true nor false", text)
		}
		s.value.SetBool(b)
	case int, int64:
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil || n < 0 {
			return fmt.Errorf("%q is not a whole number of 0 or more", text)
		}
		s.value.SetInt(n)
	case time.Duration:
		d, err := time.ParseDuration(text)
		if err != nil || d < 0 {
			return fmt.Errorf("%q is not a length of time; write it like 90s, 5m or 48h", text)
		}
		s.value.SetInt(int64(d))
	case []string:
		s.value.Set(reflect.ValueOf(splitList(text)))
	case []time.Duration:
		return s.setDurations(text)
	}
	return nil
}

func (s setting) setDurations(text string) error {
	var list []time.Duration
	for _, part := range splitList(text) {
		d, err := time.ParseDuration(part)
		if err != nil || d <= 0 {
			return fmt.Errorf("%q is not a length of time; write it like 90s, 5m or 48h", part)
		}
		list = append(list, d)
	}
	s.value.Set(reflect.ValueOf(list))
	return nil
}

func splitList(text string) (list []string) {
	for _, part := range strings.Split(text, ",") {
		if part = strings.TrimSpace(part); part != "" {
			list = append(list, part)
		}
	}
	return list
}

// String is the value as it would be written in the file.
func (s setting) String() string {
	switch v := s.value.Interface().(type) {
	case []string:
		return strings.Join(v, ",")
	case []time.Duration:
		parts := make([]string, len(v))
		for i := range v {
			parts[i] = shortDuration(v[i])
		}
		return strings.Join(parts, ",")
	case time.Duration:
		return shortDuration(v)
	default:
		return fmt.Sprint(v)
	}
}

// shortDuration writes 1m, not 1m0s.
func shortDuration(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}
