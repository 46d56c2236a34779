package web

import (
	"context"
	"encoding/base64"
	"encoding/binary"
	"io"
	"math"
	"net/http"
	"net/url"
	"time"

	"planpost/core"
)

// fetchRoutes: the files of plans.
var fetchRoutes = []route{
	{"GET", "/d/f/{ticket}/{name}", open, (*Site).ticketFile},
	{"GET", "/plan-files/{id}/{name}", "plan.download_current", (*Site).planFile},
	{"POST", "/projects/{id}/plans/zip", "plan.download_current", (*Site).plansArchive},
}

func planFileURL(f *core.PlanFile) string {
	return "/plan-files/" + string(f.ID) + "/" + url.PathEscape(f.Name)
}

// endFetchWithin bounds how long the end of a download is being written down
// when its reader has gone.
const endFetchWithin = 10 * time.Second

// ticketFile gives what a link's page offers, to browsers and to programs of
// print shops that keep no cookies.
func (s *Site) ticketFile(w http.ResponseWriter, v *visit) error {
	o, l, err := s.core.OpenTicket(v.Context(), v.PathValue("ticket"), s.ip(v.Request))
	switch core.CodeOf(err) {
	case "":
	case "link.unknown":
		return s.noLink(w, v, err)
	case "link.ended", "link.expired":
		s.speakTo(v, &l)
		return s.ended(w, v, &l)
	default:
		return err
	}
	return s.serveOrder(w, v, &o, s.shownAt(l.Pass, s.passOf(v, core.DownloadLink)))
}

// shownAt reads when a page was shown from its nonce; zero when it is none of this link's.
func (s *Site) shownAt(pass, nonce string) time.Time {
	if err := s.checkNonce(pass, nonce); err != nil && core.CodeOf(err) != "form.fast" {
		return time.Time{}
	}
	b, _ := base64.RawURLEncoding.DecodeString(nonce)
	return time.UnixMilli(int64(binary.BigEndian.Uint64(b)))
}

// planFile gives a file to who has a session.
func (s *Site) planFile(w http.ResponseWriter, v *visit) error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	o, err := s.core.OrderFile(v.Context(), v.actor, id)
	if err != nil {
		return err
	}
	return s.serveOrder(w, v, &o, time.Time{})
}

// plansArchive gives the chosen plans' current indices as one archive (E8).
func (s *Site) plansArchive(w http.ResponseWriter, v *visit) error {
	id, err := v.id("id")
	if err != nil {
		return err
	}
	if err := v.parse(); err != nil {
		return err
	}
	o, err := s.core.OrderPlans(v.Context(), v.actor, id, ids(v.PostForm["sel"]), v.PostFormValue("printonly") != "")
	if err != nil {
		return err
	}
	return s.serveOrder(w, v, &o, time.Time{})
}

// serveOrder sends what was ordered, and writes down how much of it went out.
// From the first byte on the download is known to flights: a block ends it.
// HEAD fetches nothing.
func (s *Site) serveOrder(w http.ResponseWriter, v *visit, o *core.Order, opened time.Time) error {
	h := w.Header()
	h.Set("X-Accel-Buffering", "no") // a proxy that reads ahead would have the file before the block
	out := &counted{ResponseWriter: w, rc: http.NewResponseController(w), within: s.stallWithin}
	defer out.calm()
	send, err := s.sender(out, v, o)
	if err != nil {
		return err
	}
	if v.Method == http.MethodHead {
		if o.Link.ID != "" {
			s.noteVisit(v, &o.Link, nil)
		}
		_, err = send()
		return err
	}
	flight := s.flights.begin(w, v.Request, o)
	defer s.flights.end(flight)
	f, err := s.core.BeginFetch(v.Context(), o, s.cameBy(v), opened)
	if err != nil {
		return err
	}
	whole, err := send()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(v.Context()), endFetchWithin)
	defer cancel()
	cut := flight.cut.Load()
	if err := s.core.EndFetch(ctx, f, out.sent, whole && !cut, cut); err != nil {
		s.log.Error("end of a download", "link", o.Link.ID, "error", err)
	}
	if cut || err != nil {
		if err != nil && !cut {
			s.log.Info("download ended early", "link", o.Link.ID, "sent", out.sent, "error", err)
		}
		panic(http.ErrAbortHandler) // half a file must not look whole
	}
	return nil
}

// sender gives what sends the order; that tells whether all of it went out.
func (s *Site) sender(out *counted, v *visit, o *core.Order) (func() (bool, error), error) {
	if o.Archive {
		return s.archiveSender(out, v, o), nil
	}
	file := &o.Files[0]
	content, err := s.core.OpenOrdered(v.Context(), file)
	if err != nil {
		return nil, err
	}
	return func() (bool, error) {
		defer content.Close()
		sandboxed(out, "application/octet-stream", disposition("attachment", file.Name))
		if v.URL.Query().Get("inline") != "" && viewable(&file.PlanFile) {
			viewed(out, &file.PlanFile)
		}
		out.Header().Set("ETag", `"`+file.Hash+`"`)
		http.ServeContent(out, v.Request, "", file.Version.CreatedAt, content)
		return out.status == http.StatusOK && out.sent == file.Size, nil
	}, nil
}

// A reader who takes less than a piece in that time has gone away without
// saying so, or wants to hold the server: 8.7 kB/s, less than the worst
// telephone line. For who takes a piece in less than a second the next is twice
// as large, so that the kernel is not stopped for it.
const (
	stallPiece   = 2 << 20
	largestPiece = 64 << 20
	stallWithin  = 4 * time.Minute
)

// counted counts the bytes of a response. It lets the server copy from a file
// to the network without this program in between, piece by piece: each has its
// own time to be taken.
type counted struct {
	http.ResponseWriter
	rc     *http.ResponseController
	status int
	sent   int64
	// granted is how far the deadline that is set reaches; piece is how much that was, since when, and within is what a piece has.
	granted, piece int64
	since          time.Time
	within         time.Duration
}

func (c *counted) WriteHeader(status int) {
	c.status = status
	c.ResponseWriter.WriteHeader(status)
}

// grant gives the next piece its time.
func (c *counted) grant() {
	if c.sent < c.granted {
		return
	}
	now := time.Now()
	if c.piece = min(2*c.piece, largestPiece); c.piece == 0 || now.Sub(c.since) >= time.Second {
		c.piece = stallPiece
	}
	c.granted, c.since = c.sent+c.piece, now
	_ = c.rc.SetWriteDeadline(now.Add(c.within))
}

// calm takes the deadline away: the connection lives on.
func (c *counted) calm() { _ = c.rc.SetWriteDeadline(time.Time{}) }

func (c *counted) Write(b []byte) (int, error) {
	c.grant()
	n, err := c.ResponseWriter.Write(b)
	c.sent += int64(n)
	return n, err
}

func (c *counted) ReadFrom(r io.Reader) (total int64, err error) {
	all, ok := r.(*io.LimitedReader)
	if !ok {
		all = &io.LimitedReader{R: r, N: math.MaxInt64}
	}
	for all.N > 0 {
		c.grant()
		piece := io.LimitedReader{R: all.R, N: min(all.N, c.granted-c.sent)} // the kernel copies from a file that is limited once
		asked := piece.N
		n, err := io.Copy(c.ResponseWriter, &piece)
		all.N, c.sent, total = all.N-n, c.sent+n, total+n
		if err != nil || n < asked {
			return total, err
		}
	}
	return total, nil
}

// Unwrap is for http.ResponseController.
func (c *counted) Unwrap() http.ResponseWriter { return c.ResponseWriter }
