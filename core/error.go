package core

import "errors"

// Kind says what sort of trouble an Error is; each door translates it once.
type Kind uint8

// The kinds. Anything that is not an *Error is internal.
const (
	Internal Kind = iota
	Invalid
	Unauthenticated
	Forbidden
	NotFound
	Conflict
	Expired
	TooLarge
	Limited
	Unavailable
)

var kindNames = [...]string{"internal", "invalid", "unauthenticated", "forbidden", "not found", "conflict", "expired", "too large", "limited", "unavailable"}

func (k Kind) String() string { return kindNames[k] }

// Error is trouble with a reason. Kind, Code and Params may be shown to a
// person: the words for Code are in templates under "error.<Code>". Err is
// for the log only.
type Error struct {
	Kind Kind
	// Code is stable and dotted, e.g. "comment.empty".
	Code string
	// Params fill the words, in pairs: name, value.
	Params []string
	Err    error
}

func (e *Error) Error() string {
	s := e.Kind.String() + ": " + e.Code
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

func (e *Error) Unwrap() error { return e.Err }

// Fail makes an Error without a cause.
func Fail(k Kind, code string, params ...string) *Error {
	return &Error{Kind: k, Code: code, Params: params}
}

// KindOf is the kind of err; Internal when it is not one of ours.
func KindOf(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return Internal
}

// CodeOf is the code of err, empty when it is not one of ours.
func CodeOf(err error) string {
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}
