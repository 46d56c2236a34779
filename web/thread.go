package web

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strconv"
	"strings"
	"time"

	"planpost/core"
)

// The link in the footer of a mail opens one conversation, without a session:
//
//	GET /t/TOKEN -> read it -> POST /t/TOKEN/comments -> (first time: code by mail -> POST /t/TOKEN/code) -> written
//
// The token stays in the address, for a link is opened again and again. What a
// code proved is kept in a cookie of the conversation.

// threadRoutes: one conversation by its link.
var threadRoutes = []route{
	{"GET", "/t/{token}", "task.view", byLink((*Site).threadPage)},
	{"POST", "/t/{token}/comments", "task.comment", byLink((*Site).threadComment)},
	{"GET", "/t/{token}/code", "task.comment", byLink((*Site).threadCodePage)},
	{"POST", "/t/{token}/code", "task.comment", byLink((*Site).threadCode)},
	{"POST", "/t/{token}/again", "link.request_new", (*Site).threadAgain},
	{"GET", "/t/{token}/attachments/{id}/{name}", "comment.view_public", ofLink((*Site).attachment)},
	{"GET", "/t/{token}/previews/{id}", "comment.view_public", ofLink((*Site).preview)},
}

// outside tells which addresses are for people who come by a link or a code;
// their handlers find out who it is.
func outside(pattern string) bool {
	return strings.HasPrefix(pattern, "/t/") || strings.HasPrefix(pattern, "/u/") || strings.HasPrefix(pattern, "/d/") || strings.HasPrefix(pattern, "/a/") || pattern == dashboardURL || strings.HasPrefix(pattern, dashboardURL+"/")
}

func threadURL(v *visit) string { return core.ThreadLink.Path() + v.PathValue("token") }

// byLink answers whoever comes by the link of a conversation; one that works no
// more has its own page.
func byLink(h handler) handler {
	return func(s *Site, w http.ResponseWriter, v *visit) error {
		t, err := s.core.Thread(v.Context(), v.PathValue("token"), s.ip(v.Request), s.proofs(v)...)
		if err == nil && v.URL.Path == threadURL(v) {
			s.opened(v, &t.LinkView)
			if t.Proven { // a code was typed, which no scanner can
				s.returned(v, &t.LinkView)
			}
		}
		return s.enterThread(w, v, &t, err, h)
	}
}

// ofLink is byLink for what a page of it loads.
func ofLink(h handler) handler {
	return func(s *Site, w http.ResponseWriter, v *visit) error {
		t, err := s.core.ThreadFile(v.Context(), v.PathValue("token"), s.ip(v.Request))
		return s.enterThread(w, v, &t, err, h)
	}
}

func (s *Site) enterThread(w http.ResponseWriter, v *visit, t *core.Thread, err error, h handler) error {
	if err != nil {
		return s.noLink(w, v, err)
	}
	s.speakTo(v, &t.LinkView)
	if t.State != core.LinkLive {
		return s.ended(w, v, &t.LinkView)
	}
	v.actor, v.thread, v.base = t.Actor, t, threadURL(v)
	return h(s, w, v)
}

// proofCookie is the cookie of a conversation in which a code was typed.
func (s *Site) proofCookie(v *visit) string {
	sum := sha256.Sum256([]byte(v.PathValue("token")))
	return s.cookieName() + "-t-" + hex.EncodeToString(sum[:6])
}

// proofs are what this browser keeps of codes: of the conversation, or of the dashboard.
func (s *Site) proofs(v *visit) (list []string) {
	for _, name := range []string{s.proofCookie(v), s.dashboardCookie()} {
		if c, err := v.Cookie(name); err == nil {
			list = append(list, c.Value)
		}
	}
	return list
}

func (s *Site) keepProof(w http.ResponseWriter, name, token string, life time.Duration) {
	c := &http.Cookie{Name: name, Value: token, Path: "/", HttpOnly: true, Secure: s.secure, SameSite: http.SameSiteLaxMode, MaxAge: int(life / time.Second)}
	if token == "" {
		c.MaxAge = -1
	}
	http.SetCookie(w, c)
}

// threadPage is the conversation with the form of an answer.
func (s *Site) threadPage(w http.ResponseWriter, v *visit) error {
	return s.guestTask(w, v, v.thread.Number, s.answerForm(v, v.thread.Number, draft{}), nil)
}

// answerForm is the form of an answer: of words alone until a code was typed.
func (s *Site) answerForm(v *visit, number int64, d draft) replyForm {
	a := replyForm{Action: v.taskURL(number) + "/comments", Keep: "answer-" + string(v.actor.Person.ID) + "-" + strconv.FormatInt(number, 10), Draft: d, FileLimit: s.core.Config().AttachmentLimit, Proven: true}
	if t := v.thread; t != nil && !t.Proven {
		a.Proven, a.Masked, a.Nonce, a.CodeURL = false, t.Person.Address().Masked(), s.nonce(t.Pass), v.base+"/code"
	}
	return a
}

// threadComment writes the answer, or asks for the code first.
func (s *Site) threadComment(w http.ResponseWriter, v *visit) error {
	defer v.dropFiles()
	d, err := s.sentAnswer(v)
	if v.thread.Proven {
		return s.saveAnswer(w, v, v.thread.Link.Object, v.thread.Number, d, err)
	}
	if err == nil {
		err = s.checkNonce(v.thread.Pass, v.PostFormValue("nonce"))
	}
	if err == nil && strings.TrimSpace(d.Text) == "" {
		err = core.Fail(core.Invalid, "comment.empty")
	}
	if err == nil {
		err = s.core.AskThreadCode(v.Context(), v.thread, s.ip(v.Request))
	}
	if err != nil {
		if !mendable(err) {
			return err
		}
		return s.guestTask(w, v, v.thread.Number, s.answerForm(v, v.thread.Number, d), err)
	}
	return s.codePage(w, v, d, nil)
}

// sentAnswer reads the form of an answer with its files.
func (s *Site) sentAnswer(v *visit) (draft, error) {
	err := v.parseFiles(s.core.Config().AttachmentLimit + maxForm)
	return draft{Text: v.PostFormValue("text"), Kept: true, Files: v.hadFiles}, err
}

// saveAnswer posts an answer that was read, unless reading it met an error.
func (s *Site) saveAnswer(w http.ResponseWriter, v *visit, task core.ID, number int64, d draft, err error) error {
	var c core.Comment
	if err == nil {
		c, err = s.core.Comment(v.Context(), v.actor, core.NewComment{Task: task, Text: d.Text, Files: v.files})
	}
	switch {
	case err == nil:
		return redirect(w, v, v.taskURL(number), "answer", "c-"+string(c.ID))
	case mendable(err):
		return s.guestTask(w, v, number, s.answerForm(v, number, d), err)
	}
	return err
}

// codeView asks for a code that was mailed.
type codeView struct {
	Frame
	// Action takes the code, BackURL leads back without it.
	Action, BackURL string
	Masked, Nonce   string
	// Mailed tells that a code was just asked for.
	Mailed bool
	// Answer is shown with it, so that nothing typed is lost; nil where there is none.
	Answer *replyForm
	// Address and Ticket are those of the dashboard's door.
	Address, Ticket string
}

// threadCodePage is for who has a code and lost the page that asked for it.
func (s *Site) threadCodePage(w http.ResponseWriter, v *visit) error {
	if v.thread.Proven {
		return redirect(w, v, v.base, "", "write-title")
	}
	return s.codePage(w, v, draft{}, nil)
}

func (s *Site) codePage(w http.ResponseWriter, v *visit, d draft, wrong error) error {
	a := s.answerForm(v, v.thread.Number, d)
	view := codeView{Frame: s.guestFrame(v, v.t("code.title")), Action: v.base + "/code", BackURL: v.base, Masked: a.Masked, Nonce: a.Nonce, Mailed: strings.TrimSpace(d.Text) != "", Answer: &a}
	status := http.StatusOK
	if wrong != nil {
		status = s.again(&view.Frame, v, wrong)
	}
	return s.render(w, v, status, "code", view)
}

// threadCode takes the code, and writes the answer that came with it.
func (s *Site) threadCode(w http.ResponseWriter, v *visit) error {
	defer v.dropFiles()
	d, err := s.sentAnswer(v)
	if err == nil && !v.thread.Proven {
		err = s.giveThreadCode(w, v)
	}
	switch {
	case err != nil && mendable(err) && !v.thread.Proven:
		return s.codePage(w, v, d, err)
	case err == nil && strings.TrimSpace(d.Text) == "" && !d.Files:
		return redirect(w, v, v.base, "proven", "write-title")
	}
	return s.saveAnswer(w, v, v.thread.Link.Object, v.thread.Number, d, err)
}

func (s *Site) giveThreadCode(w http.ResponseWriter, v *visit) error {
	// Only with words that a person wrote: machines press every button.
	if v.PostForm.Has("again") && strings.TrimSpace(v.PostFormValue("text")) != "" {
		if err := s.checkNonce(v.thread.Pass, v.PostFormValue("nonce")); err != nil {
			return err
		}
		return firstErr(s.core.AskThreadCode(v.Context(), v.thread, s.ip(v.Request)), func() error { return core.Fail(core.Invalid, "code.again") })
	}
	if err := s.checkNonce(v.thread.Pass, v.PostFormValue("nonce")); err != nil {
		return err
	}
	token, err := s.core.GiveThreadCode(v.Context(), v.thread, v.PostFormValue("code"), core.Credentials{IP: s.ip(v.Request), UserAgent: v.UserAgent()})
	if err == nil {
		s.keepProof(w, s.proofCookie(v), token, core.ThreadProof)
	}
	return err
}

// threadAgain mails an expired link anew, to where it went before.
func (s *Site) threadAgain(w http.ResponseWriter, v *visit) error {
	if err := v.parse(); err != nil {
		return err
	}
	l, err := s.core.VisitLink(v.Context(), core.ThreadLink, v.PathValue("token"), s.ip(v.Request))
	if err == nil {
		s.speakTo(v, &l)
		if l.State == core.LinkEnded {
			return s.ended(w, v, &l)
		}
		err = s.checkNonce(l.Pass, v.PostFormValue("nonce"))
	}
	if err == nil {
		err = s.core.AskThreadAgain(v.Context(), v.PathValue("token"), s.ip(v.Request))
	}
	if err != nil {
		return s.noLink(w, v, err)
	}
	return s.render(w, v, http.StatusOK, "endedlink", endedView{Frame: s.bareFrame(v, v.t("link.title")), Key: "again"})
}
