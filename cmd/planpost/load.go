package main

import (
	"errors"
	"fmt"
	"maps"
	"net"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"planpost/mail"
)

// mistake is one thing wrong with the configuration, with its cure.
type mistake struct {
	// where is "F.yaml:12" or the name of a variable.
	where, what, cure string
}

func (m mistake) String() string {
	s := m.where + ": " + m.what
	if m.cure != "" {
		s += ". " + m.cure
	}
	return s
}

// mistakes is all that is wrong, reported at once.
type mistakes []mistake

func (m mistakes) Error() string {
	lines := make([]string, len(m))
	for i := range m {
		lines[i] = "  " + m[i].String()
	}
	return fmt.Sprintf("%d mistake(s) in the configuration:\n%s", len(m), strings.Join(lines, "\n"))
}

// loader collects mistakes and remembers where each value came from.
type loader struct {
	found mistakes
	from  map[string]string
}

func (l *loader) add(where, what, cure string) {
	l.found = append(l.found, mistake{where, what, cure})
}

// loadConfig reads defaults, the file (may be empty), then the environment.
// Every mistake is in the error, not only the first.
func loadConfig(file string, getenv func(string) string) (Config, error) {
	var c Config
	l := &loader{from: map[string]string{}}
	list := settings(&c)
	for _, s := range list {
		if s.def != "" {
			if err := s.set(s.def); err != nil {
				panic("config: default of " + s.path + ": " + err.Error())
			}
		}
		l.from[s.path] = "default of " + s.path
	}
	if file != "" {
		l.readFile(file, list)
	}
	l.readEnvironment(list, getenv)
	if len(l.found) == 0 {
		l.check(&c)
	}
	if len(l.found) > 0 {
		return c, l.found
	}
	return c, nil
}

func (l *loader) readFile(file string, list []setting) {
	b, err := os.ReadFile(file)
	if err != nil {
		l.add(file, "cannot be read: "+reason(err), "Give the path of a readable file with --config.")
		return
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(b, &doc); err != nil {
		l.add(file, strings.TrimPrefix(err.Error(), "yaml: "), "Mend the YAML; nested keys are indented by two spaces.")
		return
	}
	if len(doc.Content) == 0 {
		return
	}
	byPath := map[string]setting{}
	for _, s := range list {
		byPath[s.path] = s
	}
	l.readNode(file, doc.Content[0], "", byPath)
}

func (l *loader) readNode(file string, n *yaml.Node, prefix string, byPath map[string]setting) {
	if n.Kind != yaml.MappingNode {
		l.add(at(file, n), "expected keys with values here", "Write \"key: value\" lines.")
		return
	}
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		path := prefix + key.Value
		if seen[path] {
			l.add(at(file, key), path+" stands here a second time", "Remove one of them.")
		}
		seen[path] = true
		l.readKey(file, path, key, value, byPath)
	}
}

func (l *loader) readKey(file, path string, key, value *yaml.Node, byPath map[string]setting) {
	name, isFile := strings.CutSuffix(path, "_file")
	s, known := byPath[path]
	switch {
	case known:
		l.set(at(file, value), s, nodeText(value))
	case isFile && byPath[name].secret:
		l.setFromFile(at(file, value), byPath[name], nodeText(value))
	case isSection(path, byPath):
		if value.Tag != "!!null" {
			l.readNode(file, value, path+".", byPath)
		}
	default:
		l.add(at(file, key), "there is no setting "+path, nearest(path, byPath))
	}
}

func at(file string, n *yaml.Node) string { return fmt.Sprintf("%s:%d", file, n.Line) }

// nodeText joins a sequence as the environment would write it.
func nodeText(n *yaml.Node) string {
	if n.Kind != yaml.SequenceNode {
		return n.Value
	}
	parts := make([]string, len(n.Content))
	for i, c := range n.Content {
		parts[i] = c.Value
	}
	return strings.Join(parts, ",")
}

func isSection(path string, byPath map[string]setting) bool {
	for p := range byPath {
		if strings.HasPrefix(p, path+".") {
			return true
		}
	}
	return false
}

// nearest suggests the setting that was probably meant.
func nearest(path string, byPath map[string]setting) string {
	best, distance := "", len(path)/2+1
	for _, p := range slices.Sorted(maps.Keys(byPath)) {
		if d := editDistance(path, p); d < distance {
			best, distance = p, d
		}
	}
	if best == "" {
		return "The settings are listed in docs/configuration.md."
	}
	return "Did you mean " + best + "?"
}

func (l *loader) set(where string, s setting, text string) {
	if err := s.set(text); err != nil {
		l.add(where, s.path+": "+err.Error(), s.doc)
		return
	}
	l.from[s.path] = where
}

func (l *loader) setFromFile(where string, s setting, file string) {
	b, err := os.ReadFile(file)
	if err != nil {
		l.add(where, s.path+"_file: "+file+" cannot be read: "+reason(err), "Give the path of a file that holds only the secret.")
		return
	}
	l.set(where, s, string(b))
}

func (l *loader) readEnvironment(list []setting, getenv func(string) string) {
	for _, s := range list {
		if v := getenv(s.env); v != "" {
			l.set(s.env, s, v)
		}
		if v := getenv(s.env + "_FILE"); v != "" && s.secret {
			l.setFromFile(s.env+"_FILE", s, v)
		}
	}
}

// check looks at what only makes sense together.
func (l *loader) check(c *Config) {
	l.checkAddress("web.listen", c.Web.Listen)
	for _, a := range c.SMTP.Listen {
		l.checkAddress("smtp.listen", a)
	}
	for _, a := range c.SMTP.LMTP {
		l.checkAddress("smtp.lmtp_listen", a)
	}
	if c.Mailer.Relay != "" {
		l.checkAddress("mailer.relay", c.Mailer.Relay)
	}
	if c.SMTP.Resolver != "" {
		l.checkAddress("smtp.resolver", c.SMTP.Resolver)
	}
	for _, n := range c.SMTP.Trusted {
		if _, err := netip.ParsePrefix(n); err != nil {
			l.add(l.from["smtp.trusted"], "smtp.trusted: "+n+" is no network", "Write it like 10.1.0.0/16 or 192.0.2.7/32.")
		}
	}
	l.checkPair("web", c.Web.Cert, c.Web.Key)
	l.checkPair("smtp", c.SMTP.Cert, c.SMTP.Key)
	if c.BaseURL != "" {
		if u, err := url.Parse(c.BaseURL); err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || strings.Trim(u.Path, "/") != "" {
			l.add(l.from["base_url"], "base_url: "+c.BaseURL+" is not the address of a site", "Write it like https://planpost.example.org, without a path.")
		}
	}
	if strings.ContainsAny(c.MailDomain, " @/:") || !strings.Contains(c.MailDomain, ".") {
		l.add(l.from["mail_domain"], "mail_domain: "+c.MailDomain+" is not a domain", "Write it like in.example.org.")
	}
	if c.Mailer.User != "" && (c.Mailer.TLS == "none" || c.Mailer.TLS == "opportunistic") {
		l.add(l.from["mailer.tls"], "mailer.tls: "+c.Mailer.TLS+", with a login", "A password is sent over TLS only: choose required or implicit.")
	}
	for stream, text := range c.Mailer.Senders.texts() {
		if _, err := mail.ParseMailbox(text); err != nil && text != "" {
			name := "mailer.senders." + string(stream)
			l.add(l.from[name], name+": "+text+" is not an address", "Write it like "+string(stream)+"@in.example.org.")
		}
	}
	if _, err := c.Mailer.relays(); err != nil {
		where := l.from["mailer.relays"]
		if where == "" {
			where = l.from["mailer.relay"]
		}
		l.add(where, "mailer: "+err.Error(), "The settings mailer.relays and mailer.oauth are in docs/configuration.md.")
	}
	if err := c.IMAP.mistakes(); err != nil {
		l.add(l.from["imap.mailboxes"], "imap.mailboxes: "+err.Error(), "The setting imap.mailboxes is in docs/operations.md.")
	}
	for _, m := range c.Alarm.mistakes() {
		l.add(l.from[m[0]], m[1], m[2])
	}
	if c.Notify.QuietMax < c.Notify.Quiet {
		l.add(l.from["notify.quiet_max"], "notify.quiet_max is shorter than notify.quiet", "Make it at least as long.")
	}
	if len(c.SMTP.Listen)+len(c.SMTP.LMTP) == 0 {
		l.add(l.from["smtp.listen"], "no door for mail", "Give smtp.listen or smtp.lmtp_listen.")
	}
	if _, err := masterKeys(c.MasterKey); c.MasterKey != "" && err != nil {
		l.add(l.from["master_key"], "master_key: "+err.Error(), "Make one with: openssl rand -hex 32")
	}
}

func (l *loader) checkAddress(path, a string) {
	host, port, err := net.SplitHostPort(a)
	if err != nil || port == "" {
		l.add(l.from[path], path+": "+a+" is not host:port", "Write it like 127.0.0.1:8080, or :25 for every address.")
		return
	}
	if _, err := net.LookupPort("tcp", port); err != nil {
		l.add(l.from[path], path+": "+port+" is no port", "Ports are numbers from 1 to 65535.")
	}
	_ = host
}

func (l *loader) checkPair(section, cert, key string) {
	if (cert == "") != (key == "") {
		l.add(l.from[section+".tls_cert"], section+".tls_cert and "+section+".tls_key belong together", "Give both or neither.")
		return
	}
	for name, file := range map[string]string{".tls_cert": cert, ".tls_key": key} {
		if file == "" {
			continue
		}
		if _, err := os.Stat(file); err != nil {
			l.add(l.from[section+name], section+name+": "+file+" cannot be read: "+reason(err), "Give the path of a PEM file.")
		}
	}
}

// reason is an error without the path, which the sentence around it names.
func reason(err error) string {
	var pe *os.PathError
	if errors.As(err, &pe) {
		return pe.Err.Error()
	}
	return err.Error()
}

// dataPath is a file or folder of the data folder.
func (c *Config) dataPath(name string) string { return filepath.Join(c.Data, name) }

// databaseURL is the database with its default.
func (c *Config) databaseURL() string {
	if c.Database == "" {
		return "sqlite:" + c.dataPath("planpost.db")
	}
	return c.Database
}

// smtpName is how the host calls itself in SMTP and in Received fields.
func (c *Config) smtpName() string {
	if c.SMTP.Hostname != "" {
		return c.SMTP.Hostname
	}
	return c.MailDomain
}
