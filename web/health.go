package web

import (
	"context"
	"net/http"
	"time"

	"planpost/core"
)

// patience bounds how long a health check may take.
const patience = 2 * time.Second

// healthz asks the database. It says nothing but yes or no: anybody may ask.
func (s *Site) healthz(w http.ResponseWriter, v *visit) error {
	ctx, cancel := context.WithTimeout(v.Context(), patience)
	defer cancel()
	_, err := s.core.SetupNeeded(ctx)
	return s.answer(w, err)
}

// readyz asks the doors, where the program knows of them.
func (s *Site) readyz(w http.ResponseWriter, v *visit) error {
	if s.cfg.Ready == nil {
		return s.answer(w, nil)
	}
	ctx, cancel := context.WithTimeout(v.Context(), patience)
	defer cancel()
	return s.answer(w, s.cfg.Ready(ctx))
}

func (s *Site) answer(w http.ResponseWriter, err error) error {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	text := "ok\n"
	if err != nil {
		s.log.Warn("health", "error", err, "kind", core.KindOf(err).String())
		w.WriteHeader(http.StatusServiceUnavailable)
		text = "unavailable\n"
	}
	_, err = w.Write([]byte(text))
	return gone(err)
}
