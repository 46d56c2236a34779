package core

import (
	"context"
	"slices"
	"strings"
)

// shared is one snapshot in which many letters are read: what several of them speak of is
// asked for once. What is between a person and an object (facts, tastes, what is stopped)
// goes through to the Tx. What it gives is read only.
type shared struct {
	Tx
	accounts map[ID]Account
	tasks    map[owned]Task
	projects map[owned]Project
	comments map[owned]Comment
	words    map[wordsAsked][]Comment
	people   map[owned]Person
	outside  map[owned]bool // who are not inside and were not named; nobody looked at them closer
}

// owned is an object as one account asks for it: another account's is another question.
type owned struct{ account, id ID }

// wordsAsked is what WordsBefore was asked.
type wordsAsked struct {
	task   owned
	before ID
	limit  int
}

func share(tx Tx) *shared {
	return &shared{Tx: tx, accounts: make(map[ID]Account), tasks: make(map[owned]Task), projects: make(map[owned]Project), comments: make(map[owned]Comment),
		words: make(map[wordsAsked][]Comment), people: make(map[owned]Person), outside: make(map[owned]bool)}
}

// once gives what is known under a key, or asks for it.
func once[K comparable, V any](known map[K]V, key K, ask func() (V, error)) (V, error) {
	if v, ok := known[key]; ok {
		return v, nil
	}
	v, err := ask()
	if err == nil {
		known[key] = v
	}
	return v, err
}

func (s *shared) FindAccount(ctx context.Context, id ID) (Account, error) {
	return once(s.accounts, id, func() (Account, error) { return s.Tx.FindAccount(ctx, id) })
}

func (s *shared) FindTask(ctx context.Context, account, id ID) (Task, error) {
	return once(s.tasks, owned{account, id}, func() (Task, error) { return s.Tx.FindTask(ctx, account, id) })
}

func (s *shared) FindProject(ctx context.Context, account, id ID) (Project, error) {
	return once(s.projects, owned{account, id}, func() (Project, error) { return s.Tx.FindProject(ctx, account, id) })
}

func (s *shared) FindComment(ctx context.Context, account, id ID) (Comment, error) {
	return once(s.comments, owned{account, id}, func() (Comment, error) { return s.Tx.FindComment(ctx, account, id) })
}

func (s *shared) WordsBefore(ctx context.Context, account, task, before ID, limit int) ([]Comment, error) {
	return once(s.words, wordsAsked{owned{account, task}, before, limit}, func() ([]Comment, error) { return s.Tx.WordsBefore(ctx, account, task, before, limit) })
}

func (s *shared) FindPerson(ctx context.Context, account, id ID) (Person, error) {
	return once(s.people, owned{account, id}, func() (Person, error) { return s.Tx.FindPerson(ctx, account, id) })
}

func (s *shared) FindPeople(ctx context.Context, account ID, ids []ID) ([]Person, error) {
	missing := slices.DeleteFunc(slices.Clone(ids), func(id ID) bool { return s.knows(account, id) })
	if len(missing) > 0 {
		list, err := s.Tx.FindPeople(ctx, account, missing)
		if err != nil {
			return nil, err
		}
		s.meet(list)
	}
	return s.among(account, ids, func(*Person) bool { return true }), nil
}

func (s *shared) FindInside(ctx context.Context, account ID, ids, named []ID) ([]Person, error) {
	missing := slices.DeleteFunc(slices.Clone(ids), func(id ID) bool {
		return s.knows(account, id) || s.outside[owned{account, id}] && !slices.Contains(named, id)
	})
	if len(missing) > 0 {
		list, err := s.Tx.FindInside(ctx, account, missing, named)
		if err != nil {
			return nil, err
		}
		s.meet(list)
		for _, id := range missing {
			if !s.knows(account, id) {
				s.outside[owned{account, id}] = true
			}
		}
	}
	return s.among(account, ids, func(p *Person) bool { return p.Kind == UserKind || slices.Contains(named, p.ID) }), nil
}

func (s *shared) knows(account, id ID) bool {
	_, ok := s.people[owned{account, id}]
	return ok
}

func (s *shared) meet(list []Person) {
	for _, p := range list {
		s.people[owned{p.Account, p.ID}] = p
	}
}

// among are those of ids who are known and fit, each once, in the order of a Store.
func (s *shared) among(account ID, ids []ID, fit func(*Person) bool) (list []Person) {
	for _, id := range ids {
		if p, ok := s.people[owned{account, id}]; ok && fit(&p) {
			list = append(list, p)
		}
	}
	slices.SortFunc(list, func(a, b Person) int { return strings.Compare(string(a.ID), string(b.ID)) })
	return slices.CompactFunc(list, func(a, b Person) bool { return a.ID == b.ID })
}
