package main

import (
	"time"

	"planpost/core"
	"planpost/mail"
)

// Config is everything that can be set about a host. The zero value with
// its defaults is a working local instance on SQLite. The reference in
// docs/configuration.md is generated from the tags: each setting has its
// name, default and one sentence; its environment variable is PLANPOST_ and
// its path in upper case with underscores.
type Config struct {
	Data        string        `yaml:"data" default:"planpost-data" doc:"Folder for everything kept on this machine: the SQLite database, files, the master key."`
	Database    string        `yaml:"database" secret:"true" doc:"Where records are kept: empty for SQLite in the data folder, a path, or a postgres:// URL."`
	Connections int           `yaml:"connections" default:"12" doc:"Most connections to PostgreSQL, two at least; a third of them serve incoming mail."`
	Redis       string        `yaml:"redis" secret:"true" doc:"Redis that several processes share for limits, wake-ups and live pages, such as redis://:password@host:6379/0; empty: this process alone."`
	MasterKey   string        `yaml:"master_key" secret:"true" doc:"Master key, 64 hexadecimal characters; several, newest first, separated by commas, while keys are changed. Empty: the file master.key in the data folder, made at the first start."`
	BaseURL     string        `yaml:"base_url" doc:"Address of the pages as people see it; empty: the address the web server listens on."`
	MailDomain  string        `yaml:"mail_domain" default:"planpost.localhost" doc:"Domain of reply and project addresses; its MX record must lead to this host."`
	SessionLife time.Duration `yaml:"session_life" default:"336h" doc:"How long a sign-in lasts without use."`

	Registration bool `yaml:"registration" default:"false" doc:"Whether anybody may open an account of his own at /register, by a link mailed to his address."`

	Web    WebConfig    `yaml:"web"`
	SMTP   SMTPConfig   `yaml:"smtp"`
	IMAP   IMAPConfig   `yaml:"imap"`
	Mailer MailerConfig `yaml:"mailer"`
	Notify NotifyConfig `yaml:"notify"`
	Alarm  AlarmConfig  `yaml:"alarm"`
	Limits LimitsConfig `yaml:"limits"`
	Log    LogConfig    `yaml:"log"`
}

// WebConfig is the web server.
type WebConfig struct {
	Listen string `yaml:"listen" default:"127.0.0.1:8080" doc:"Address the pages are served on."`
	Cert   string `yaml:"tls_cert" doc:"Certificate file (PEM) for HTTPS; empty when a proxy in front does TLS."`
	Key    string `yaml:"tls_key" doc:"Key file of the certificate."`
	Proxy  bool   `yaml:"behind_proxy" default:"false" doc:"A reverse proxy in front sets X-Forwarded-For; the last address in it counts."`
}

// SMTPConfig is the door for mail.
type SMTPConfig struct {
	Listen   []string      `yaml:"listen" default:"127.0.0.1:2525" doc:"Addresses for SMTP; port 25 on a real host."`
	LMTP     []string      `yaml:"lmtp_listen" doc:"Addresses for LMTP, from a mail server on the same host or network."`
	Hostname string        `yaml:"hostname" doc:"Name in the greeting; empty: the mail domain."`
	Cert     string        `yaml:"tls_cert" doc:"Certificate file (PEM) for STARTTLS; read again when it changes."`
	Key      string        `yaml:"tls_key" doc:"Key file of the certificate."`
	Trusted  []string      `yaml:"trusted" doc:"Networks (CIDR) of own relays whose word about the sender counts as proof, besides loopback."`
	Sessions int           `yaml:"max_sessions" default:"200" doc:"Most connections at once."`
	PerIP    int           `yaml:"max_sessions_per_ip" default:"20" doc:"Most connections at once from one address that is not trusted."`
	Rcpt     int           `yaml:"max_recipients" default:"100" doc:"Most recipients of one message."`
	Size     int64         `yaml:"max_message_bytes" default:"41943040" doc:"Largest message, in bytes."`
	Rate     int           `yaml:"messages_per_minute" default:"120" doc:"Most messages a minute from one address that is not trusted; more are asked to wait."`
	Timeout  time.Duration `yaml:"timeout" default:"2m" doc:"How long a silent client is waited for."`
	Resolver string        `yaml:"resolver" doc:"DNS server (host:port) for SPF, DKIM and DMARC; empty: the system's."`
	DNSLimit time.Duration `yaml:"dns_timeout" default:"5s" doc:"Longest time to verify one message's sender."`
}

// IMAPConfig is the door for mailboxes on other servers. Most are added in a page.
type IMAPConfig struct {
	Mailboxes []string      `yaml:"mailboxes" secret:"true" doc:"Mailboxes to fetch from, each imaps://user:password@host:993/INBOX, or imap://… for STARTTLS; options follow after ?: account, address, name, after, move_to, failed_to, trust, authserv, else, since, size, alarm, plus, auth, tenant, client, secret, refresh, own, auth_url, token_url, scope (docs/operations.md)."`
	CA        string        `yaml:"tls_ca" doc:"File of certificates (PEM) to trust for mailboxes besides the system's."`
	Poll      time.Duration `yaml:"poll" default:"30s" doc:"How often a server is asked that does not tell of new mail by itself (IDLE)."`
	Idle      time.Duration `yaml:"idle" default:"4m" doc:"How long one IDLE lasts before the connection is proven anew."`
	Timeout   time.Duration `yaml:"timeout" default:"30s" doc:"How long a silent server is waited for."`
	Compare   time.Duration `yaml:"compare" default:"5m" doc:"How often what is on the server is compared with what was taken in."`
}

// MailerConfig is the road out.
type MailerConfig struct {
	Relay       string          `yaml:"relay" doc:"Mail server (host:port) that takes our mail; empty: mail waits in the queue until one is set."`
	TLS         string          `yaml:"tls" default:"opportunistic" choice:"none,opportunistic,required,implicit" doc:"Encryption to the relay: none, opportunistic (STARTTLS where offered), required (STARTTLS or nothing), implicit (TLS from the start)."`
	CA          string          `yaml:"tls_ca" doc:"File of certificates (PEM) to trust for the relay besides the system's."`
	User        string          `yaml:"user" doc:"Login at the relay; only used over TLS."`
	Password    string          `yaml:"password" secret:"true" doc:"Password at the relay."`
	OAuth       OAuthConfig     `yaml:"oauth"`
	Relays      []string        `yaml:"relays" secret:"true" doc:"Relays for the mail of single sender domains, each DOMAIN=smtp://user:password@host:587 or DOMAIN=smtps://…; options follow after ?: tls, tls_ca, connections, token_file, token_url, client, secret, refresh, scope. All other mail goes to mailer.relay."`
	Senders     SendersConfig   `yaml:"senders"`
	Hostname    string          `yaml:"hostname" doc:"Name in EHLO; empty: the mail domain."`
	Concurrency int             `yaml:"concurrency" default:"8" doc:"Connections to a relay at once; mail of the security stream may have a quarter more."`
	Retry       []time.Duration `yaml:"retry" default:"1m,5m,15m,30m,1h,2h,4h" doc:"Waits between tries; the last one repeats."`
	GiveUp      time.Duration   `yaml:"give_up" default:"48h" doc:"When a mail that could not be sent is given up; one with a link for signing in is tried as long as the link lives."`
}

// SendersConfig are the addresses that mail comes from.
type SendersConfig struct {
	Security string `yaml:"security" doc:"Sender of mail for signing in; empty: security at the mail domain. The relay must accept it, and its domain needs keys and records: planpost check looks."`
	Work     string `yaml:"work" doc:"Sender of mail about tasks; empty: planpost at the mail domain."`
	Digest   string `yaml:"digest" doc:"Sender of digests; empty: digest at the mail domain."`
}

func (c *SendersConfig) texts() map[core.Stream]string {
	return map[core.Stream]string{core.SecurityStream: c.Security, core.WorkStream: c.Work, core.DigestStream: c.Digest}
}

// addresses are those that are set; check has refused what is none.
func (c *SendersConfig) addresses() map[core.Stream]mail.Address {
	all := make(map[core.Stream]mail.Address)
	for s, text := range c.texts() {
		if a, err := mail.ParseMailbox(text); err == nil {
			all[s] = a
		}
	}
	return all
}

// OAuthConfig is where the tokens for XOAUTH2 come from; with none of it the password signs in.
type OAuthConfig struct {
	File    string `yaml:"token_file" doc:"File with the access token for XOAUTH2, which another program renews; read at each sign-in at the relay."`
	URL     string `yaml:"token_url" doc:"Address (https) where the provider gives access tokens; the user at the relay is mailer.user."`
	Client  string `yaml:"client" doc:"Our client ID at the provider."`
	Secret  string `yaml:"secret" secret:"true" doc:"The client's secret, where there is one."`
	Refresh string `yaml:"refresh" secret:"true" doc:"Refresh token; empty: the client asks in its own name."`
	Scope   string `yaml:"scope" doc:"Scope to ask for, where the provider wants one."`
}

func (o *OAuthConfig) set() bool { return o.File != "" || o.URL != "" }

// NotifyConfig is when people are told.
type NotifyConfig struct {
	Quiet    time.Duration `yaml:"quiet" default:"1m" doc:"How long a task must be quiet before those not told explicitly get one mail."`
	QuietMax time.Duration `yaml:"quiet_max" default:"5m" doc:"The longest such a mail waits."`
	Undo     time.Duration `yaml:"undo" default:"1m" doc:"How long mail to people outside waits so that it can be taken back; 0s sends at once. Mail for signing in never waits."`
}

// AlarmConfig is who is told when mail itself is broken.
type AlarmConfig struct {
	Webhook string `yaml:"webhook" secret:"true" doc:"Address (https or http) that is called when mail breaks and when it is whole again, docs/operations.md; empty: nobody is called."`
	Secret  string `yaml:"secret" secret:"true" doc:"Key that signs the calls of the webhook, 16 characters at least."`
}

// LimitsConfig bounds what is kept and done at once.
type LimitsConfig struct {
	Attachment int64 `yaml:"attachment_bytes" default:"52428800" doc:"Largest single file of a comment, in bytes."`
	RawInRow   int   `yaml:"raw_in_row_bytes" default:"262144" doc:"Largest sealed source kept in the database; larger ones go to the files."`
	Memory     int64 `yaml:"inbound_memory_bytes" default:"67108864" doc:"Bytes of incoming mail worked on at once; more waits its turn."`
}

// LogConfig is the log.
type LogConfig struct {
	Level  string `yaml:"level" default:"info" choice:"debug,info,warn,error" doc:"Least level that is written."`
	Format string `yaml:"format" default:"text" choice:"text,json" doc:"Form of a line: text or json."`
}
