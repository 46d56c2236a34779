// Package demo makes a sample company and shows the other side of its mail.
//
//	Seed     people, projects, tasks and mail, each by the public road: core methods and SMTP
//	Mailbox  every mail that was sent, as its reader sees it, and replies the way that reader's
//	         program writes them
//
// The replies are genuine: header fields, quoting, attribution lines and MIME
// structure are those of the chosen program in the person's language, and they
// enter through the SMTP port like anybody's. One file per program:
// clients_gmail.go, clients_outlook.go and so on.
//
// It is for "planpost demo" on loopback only: the mailbox page shows live reply
// addresses to whoever opens it. Nothing else may import it.
package demo

import "context"

// Deliver hands a message to the SMTP port. from and to are the envelope's
// addresses. A refusal by the server comes back as an error with its words.
type Deliver func(ctx context.Context, from, to string, raw []byte) error

// Login is somebody who can sign in.
type Login struct {
	Login, Password string
	// Role is how the person is presented: a short English word.
	Role string
}

// password is the same for all: it is printed at every start, so it keeps nothing secret.
const password = "paper boats at noon"

// Logins are the sample company's people who can sign in, the owner first.
func Logins() []Login {
	list := make([]Login, len(staff))
	for i, p := range staff {
		list[i] = Login{Login: p.address, Password: password, Role: p.title}
	}
	return list
}
