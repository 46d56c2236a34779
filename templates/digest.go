package templates

import "time"

// DigestMail is the view of the mail "digest": what happened in several tasks.
type DigestMail struct {
	Head    Letterhead
	Zone    *time.Location
	Account string
	Tasks   []DigestTask
	// More counts the tasks beyond those.
	More int
	// URL leads to all notifications, MuteURL to where digests are stopped, ChooseURL to where the reader chooses
	// what comes and when.
	URL, MuteURL, ChooseURL string
	// Reasons are codes of why the reader gets this, worded under "why.<code>".
	Reasons []string
}

// DigestTask is one task of a digest.
type DigestTask struct {
	Number              int64
	Title, Project, URL string
	// Entries are the newest, the oldest of them first; More counts those before.
	Entries []MailEntry
	More    int
}

// Count is how many tasks there is news of.
func (v DigestMail) Count() int { return len(v.Tasks) + v.More }

// Preview is what lists of mails show beside the subject: the tasks.
func (v DigestMail) Preview() string {
	titles := ""
	for i := range v.Tasks {
		if i > 0 {
			titles += " · "
		}
		titles += v.Tasks[i].Title
	}
	return cutText(oneLine(titles), previewMost)
}
