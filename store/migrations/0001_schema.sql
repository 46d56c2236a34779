-- The records. One text for both engines; the words in braces are the dialect's:
--   {key}      text that is compared byte by byte
--   {serial}   a number the database gives
--   {rowless}  keep the rows in their primary key: for short ones, since an index holds few long ones a page
--
-- No column is ever null: '' is no text and no row, 0 is no time. Times are
-- microseconds since 1970, UTC. Ids are made by the core and sort by time.
--
-- Foreign keys guard what people set up. The tables that every mail writes
-- to have none: PostgreSQL runs a query and locks a row for each, ten of them
-- for one message; the self-check finds orphans there instead. Their indexes
-- are few and begin, where they can, with an id, which sorts by time: such an
-- index grows at its end, on a page that all messages of a moment share, while
-- one that begins with a task or a hash costs each message a page of its own.

create table account (
	id {key} primary key,
	content_key bytea not null,
	next_number bigint not null,
	next_block bigint not null,
	created_at bigint not null,
	frozen_at bigint not null
) {rowless};

-- What an account decides for itself (core/settings.go); what has no row is as it comes.
create table setting (
	account_id {key} not null references account (id),
	name {key} not null,
	value text not null,
	primary key (account_id, name)
) {rowless};

create table identity (
	id {key} primary key,
	login text not null,
	login_norm {key} not null unique,
	login_name {key} not null default '',
	password_hash text not null,
	created_at bigint not null
) {rowless};
create unique index identity_login_name on identity (login_name) where login_name <> '';

create table session (
	id {key} primary key,
	identity_id {key} not null references identity (id) on delete cascade,
	person_id {key} not null,
	account_id {key} not null,
	user_agent text not null,
	ip text not null,
	created_at bigint not null,
	last_seen_at bigint not null,
	expires_at bigint not null,
	auth text not null,
	proven_at bigint not null,
	factor_at bigint not null,
	view_id {key} not null,
	view_until bigint not null
);
create index session_identity on session (identity_id);
create index session_expires on session (expires_at);

-- Browsers in which somebody outside typed a code: for one task, or for the dashboard when that is empty.
-- The second factor of a login; the secret is sealed with the host's keys.
create table second_factor (
	identity_id {key} primary key references identity (id) on delete cascade,
	secret bytea not null,
	last_step bigint not null,
	created_at bigint not null,
	confirmed_at bigint not null
) {rowless};

create table recovery_code (
	identity_id {key} not null references identity (id) on delete cascade,
	hash {key} not null,
	used_at bigint not null,
	primary key (identity_id, hash)
) {rowless};

-- Who must have a second factor; an account without a row has the default.
create table factor_policy (
	account_id {key} primary key references account (id),
	staff text not null check (staff in ('off', 'allowed', 'required', 'chosen')),
	outside text not null check (outside in ('off', 'allowed', 'required', 'chosen'))
) {rowless};

-- From which networks people come in; no rule that fits is a refusal.
create table ip_rule (
	account_id {key} not null references account (id),
	id {key} not null,
	class text not null check (class in ('sessions', 'links')),
	who text not null,
	person_id {key} not null,
	network text not null,
	days text not null,
	from_time text not null,
	until_time text not null,
	created_at bigint not null,
	primary key (account_id, id)
) {rowless};

create table ip_refusal (
	account_id {key} not null,
	hour bigint not null,
	person_id {key} not null,
	class text not null,
	ip {key} not null,
	number bigint not null,
	last_at bigint not null,
	primary key (account_id, hour, person_id, class, ip)
) {rowless};

-- Who looked through whose eyes, and at what.
create table viewing (
	account_id {key} not null,
	id {key} not null,
	viewer_id {key} not null,
	person_id {key} not null,
	started_at bigint not null,
	ends_at bigint not null,
	ended_at bigint not null,
	primary key (account_id, id)
) {rowless};
create index viewing_person on viewing (account_id, person_id, id);

create table viewing_page (
	viewing_id {key} not null,
	path {key} not null,
	number bigint not null,
	first_at bigint not null,
	last_at bigint not null,
	primary key (viewing_id, path)
) {rowless};

create table host_value (
	name {key} primary key,
	value text not null
);

create table lease (
	name {key} primary key,
	owner {key} not null,
	lease_until bigint not null
);

create table change_log (
	account_id {key} not null,
	id {key} not null,
	at bigint not null,
	actor_id {key} not null,
	via text not null,
	code text not null,
	object text not null,
	object_id {key} not null,
	params text not null,
	changes text not null,
	auth text not null,
	behalf_id {key} not null,
	primary key (account_id, id)
) {rowless};

-- Seals of the change log (core/log_seal.go): entries are packed, each with its ID, salt and digest.
create table log_seal (
	account_id {key} not null,
	number bigint not null,
	at bigint not null,
	upto {key} not null,
	last_id {key} not null,
	entries bytea not null,
	mark bytea not null,
	primary key (account_id, number)
);
create index log_seal_last on log_seal (account_id, last_id);

create table company (
	id {key} primary key,
	account_id {key} not null references account (id),
	name text not null,
	name_key {key} not null,
	created_by {key} not null,
	created_at bigint not null,
	deleted_at bigint not null default 0,
	deleted_by {key} not null default ''
) {rowless};
create index company_name on company (account_id, name_key, id);

create table person (
	id {key} primary key,
	account_id {key} not null references account (id),
	kind text not null check (kind in ('user', 'contact', 'address')),
	name text not null,
	name_key {key} not null,
	locale text not null,
	zone text not null,
	role text not null,
	access text not null,
	status text not null check (status in ('pending', 'active', 'inactive', 'deleted')),
	company_id {key} not null,
	manager_id {key} not null,
	identity_id {key} not null,
	caps text not null,
	company_tasks boolean not null,
	code text not null,
	color text not null,
	phone text not null,
	deputy_id {key} not null,
	away_from text not null,
	away_until text not null,
	tuned boolean not null default false,
	visibility text not null check (visibility in ('inside', 'participants')),
	blocked_at bigint not null,
	created_by {key} not null,
	created_at bigint not null,
	deleted_at bigint not null,
	deleted_by {key} not null default ''
) {rowless};
-- Whoever registers an account owns it, and nobody beside.
create unique index person_owner on person (account_id) where role = 'owner';
create index person_unconfirmed on person (created_at) where role = 'owner' and status = 'pending';
create index person_name on person (account_id, name_key, id);
create index person_identity on person (identity_id) where identity_id <> '';
create index person_manager on person (manager_id) where manager_id <> '';

create table address (
	id {key} primary key,
	account_id {key} not null references account (id),
	person_id {key} not null references person (id),
	name text not null,
	local_part text not null,
	domain text not null,
	norm {key} not null,
	words text not null,
	confirmed_at bigint not null,
	is_primary boolean not null,
	unique (account_id, norm)
) {rowless};
create index address_person on address (person_id);
create index address_norm on address (norm);

create table guest_session (
	id {key} primary key,
	account_id {key} not null references account (id),
	person_id {key} not null references person (id),
	task_id {key} not null,
	address text not null,
	user_agent text not null,
	ip text not null,
	created_at bigint not null,
	last_seen_at bigint not null,
	expires_at bigint not null
) {rowless};
create index guest_session_person on guest_session (person_id);
create index guest_session_expires on guest_session (expires_at);

create table factor_chosen (
	account_id {key} not null,
	person_id {key} not null references person (id),
	primary key (account_id, person_id)
) {rowless};

-- What an hour of somebody's work costs from a day on; the amount in hundredths.
create table person_rate (
	account_id {key} not null references account (id),
	person_id {key} not null references person (id),
	valid_from {key} not null,
	amount bigint not null,
	currency text not null,
	deductions boolean not null,
	set_by {key} not null,
	set_at bigint not null,
	primary key (account_id, person_id, valid_from)
) {rowless};

-- What somebody hears of and how, where it is not what holds for all.
create table notif_choice (
	account_id {key} not null references account (id),
	person_id {key} not null references person (id),
	event {key} not null,
	channel {key} not null,
	chosen boolean not null,
	primary key (person_id, event, channel)
) {rowless};

create table mute (
	account_id {key} not null references account (id),
	person_id {key} not null references person (id),
	kind text not null check (kind in ('task', 'project')),
	object_id {key} not null,
	created_at bigint not null,
	primary key (person_id, object_id)
) {rowless};

-- When mail about work may come to a person, and how it is gathered.
create table rhythm (
	person_id {key} primary key references person (id),
	account_id {key} not null references account (id),
	digest text not null check (digest in ('off', 'hourly', 'daily')),
	days text not null,
	starts text not null,
	ends text not null
) {rowless};

create table project (
	id {key} primary key,
	account_id {key} not null references account (id),
	name text not null,
	name_key {key} not null,
	owner_id {key} not null,
	counterparty_id {key} not null,
	hidden boolean not null,
	client_manager_id {key} not null,
	responsible_id {key} not null,
	visibility text not null check (visibility in ('inside', 'participants')),
	inbound text not null,
	inbound_key {key} not null,
	-- Participants send plans unless told otherwise; a link to plans lives link_days, 0 for what is usual.
	no_sending boolean not null default false,
	reply_approves boolean not null default false,
	link_days integer not null default 0 check (link_days between 0 and 365),
	created_at bigint not null,
	closed_at bigint not null,
	deleted_at bigint not null default 0,
	deleted_by {key} not null default ''
) {rowless};
create index project_name on project (account_id, name_key, id);
create index project_bin on project (account_id, deleted_at) where deleted_at <> 0;
create unique index project_inbound on project (inbound_key) where inbound_key <> '';
create index project_counterparty on project (counterparty_id) where counterparty_id <> '';

create table participant (
	project_id {key} not null references project (id),
	person_id {key} not null references person (id),
	account_id {key} not null,
	is_admin boolean not null,
	is_auditor boolean not null,
	trade_role text not null,
	approves boolean not null,
	guest boolean not null,
	blocked_at bigint not null,
	primary key (project_id, person_id)
) {rowless};
create index participant_person on participant (person_id, project_id);

create table task (
	id {key} primary key,
	account_id {key} not null references account (id),
	number bigint not null,
	project_id {key} not null,
	title text not null,
	description text not null,
	status text not null check (status in ('new', 'working', 'waiting', 'done', 'rejected')),
	due_date text not null,
	due_time text not null,
	visibility text not null check (visibility in ('inside', 'participants')),
	counterparty_id {key} not null,
	no_company_access boolean not null,
	created_at bigint not null,
	closed_at bigint not null,
	deleted_at bigint not null default 0,
	deleted_by {key} not null default '',
	unique (account_id, number)
);
create index task_counterparty on task (counterparty_id) where counterparty_id <> '';
create index task_bin on task (account_id, deleted_at) where deleted_at <> 0;

-- What a task's comments change. Apart from the task, because each comment
-- would otherwise write the task's whole row and all of its indexes anew.
create table activity (
	task_id {key} primary key,
	account_id {key} not null,
	project_id {key} not null,
	visibility text not null,
	status text not null,
	updated_at bigint not null
) {rowless};
create index activity_account on activity (account_id, status, updated_at, task_id);
create index activity_inside on activity (account_id, status, updated_at, task_id) where visibility = 'inside';
create index activity_project on activity (project_id, status, updated_at, task_id) where project_id <> '';

create table task_person (
	task_id {key} not null,
	person_id {key} not null,
	relation text not null check (relation in ('assigner', 'assignee', 'coassignee', 'participant', 'auditor')),
	account_id {key} not null,
	position integer not null,
	primary key (task_id, person_id, relation)
) {rowless};
create index task_person_person on task_person (person_id, task_id, relation);
create unique index task_person_assigner on task_person (task_id) where relation = 'assigner';
create unique index task_person_assignee on task_person (task_id) where relation = 'assignee';

create table task_template (
	id {key} primary key,
	account_id {key} not null references account (id),
	name text not null,
	name_key {key} not null,
	title text not null,
	description text not null,
	project_id {key} not null,
	assignee_id {key} not null,
	participants text not null,
	visibility text not null check (visibility in ('inside', 'participants')),
	due_days integer not null,
	outside boolean not null,
	created_by {key} not null,
	created_at bigint not null,
	updated_at bigint not null
);
create index task_template_name on task_template (account_id, name_key, id);

create table visit (
	id {key} primary key,
	account_id {key} not null,
	task_id {key} not null,
	person_id {key} not null,
	day text not null,
	from_time text not null,
	until_time text not null,
	state text not null check (state in ('planned', 'done', 'cancelled')),
	note text not null,
	sequence integer not null,
	created_by {key} not null,
	created_at bigint not null,
	updated_at bigint not null
);
create index visit_day on visit (account_id, day, id);
create index visit_task on visit (task_id, day);
create index visit_person on visit (person_id, day) where person_id <> '';

create table hours (
	id {key} primary key,
	account_id {key} not null,
	task_id {key} not null,
	person_id {key} not null,
	day text not null,
	minutes integer not null check (minutes between 1 and 1440),
	note text not null,
	via text not null,
	created_at bigint not null
);
create index hours_day on hours (account_id, day, id);
create index hours_task on hours (task_id, day);
create index hours_person on hours (person_id, day);

create table comment (
	id {key} primary key,
	account_id {key} not null,
	task_id {key} not null,
	author_id {key} not null,
	text text not null,
	html text not null,
	hidden boolean not null,
	via text not null,
	message_id {key} not null,
	verified text not null,
	change text not null,
	change_from text not null,
	change_to text not null,
	created_at bigint not null,
	edited_at bigint not null,
	put_back text not null default '',
	deleted_at bigint not null default 0,
	deleted_by {key} not null default ''
);
create index comment_task on comment (task_id, id);
create index comment_bin on comment (account_id, task_id) where deleted_at <> 0;

create table comment_recipient (
	comment_id {key} not null,
	person_id {key} not null,
	primary key (comment_id, person_id)
) {rowless};

create table attachment (
	id {key} primary key,
	account_id {key} not null,
	task_id {key} not null,
	comment_id {key} not null,
	name text not null,
	type text not null,
	size bigint not null,
	hash {key} not null,
	content_id text not null,
	fate text not null,
	reason text not null,
	kind text not null,
	found text not null,
	marks text not null,
	created_at bigint not null,
	deleted_at bigint not null,
	deleted_by {key} not null
);
create index attachment_comment on attachment (comment_id, id);
create index attachment_bin on attachment (account_id, deleted_at) where deleted_at <> 0;

-- In which messages of a person a small picture came; no more rows than are
-- needed to know that it recurs.
create table picture_seen (
	account_id {key} not null,
	person_id {key} not null,
	hash {key} not null,
	message_id {key} not null,
	primary key (account_id, person_id, hash, message_id)
) {rowless};

-- Pictures of a person that somebody brought back: never folded again.
create table picture_kept (
	account_id {key} not null,
	person_id {key} not null,
	hash {key} not null,
	kept_by {key} not null,
	kept_at bigint not null,
	primary key (account_id, person_id, hash)
) {rowless};

create table message (
	id {key} primary key,
	account_id {key} not null,
	hash {key} not null,
	kind text not null,
	from_address text not null,
	from_key {key} not null,
	from_name text not null,
	verified text not null,
	subject text not null,
	find_text text not null,
	header_id {key} not null,
	in_reply_to text not null,
	reverse_path text not null,
	peer text not null,
	helo text not null,
	protocol text not null,
	evidence text not null,
	trace text not null,
	text text not null,
	cuts text not null,
	facts text not null,
	size bigint not null,
	raw_hash text not null,
	raw_dropped boolean not null,
	received_at bigint not null,
	unique (hash)
);

create table raw (
	message_id {key} primary key,
	sealed bytea not null
);

create table receipt (
	account_id {key} not null,
	id {key} not null,
	message_id {key} not null,
	recipient text not null,
	key {key} not null,
	route text not null,
	link_id {key} not null,
	disposition text not null check (disposition in ('posted', 'created', 'recorded', 'held', 'ignored', 'duplicate', 'refused')),
	reason text not null,
	params text not null,
	trace text not null,
	person_id {key} not null,
	project_id {key} not null,
	task_id {key} not null,
	comment_id {key} not null,
	delivery_id {key} not null,
	again integer not null,
	received_at bigint not null,
	decided_by {key} not null,
	decided_at bigint not null,
	primary key (account_id, id)
);
create unique index receipt_message on receipt (message_id, key);
-- The disposition comes first so that SQLite prefers this to the primary key, which starts with the account too.
create index receipt_held on receipt (disposition, account_id, id) where disposition = 'held';
create index receipt_task on receipt (task_id, id) where task_id <> '' and comment_id = '';

create table refusal (
	hour bigint not null,
	peer {key} not null,
	reason {key} not null,
	number bigint not null,
	primary key (hour, peer, reason)
) {rowless};

create table notification (
	person_id {key} not null,
	id {key} not null,
	account_id {key} not null,
	event text not null,
	reason text not null,
	task_id {key} not null,
	comment_id {key} not null,
	receipt_id {key} not null,
	delivery_id {key} not null,
	page boolean not null,
	created_at bigint not null,
	read_at bigint not null,
	primary key (person_id, id)
) {rowless};
create index notification_delivery on notification (delivery_id) where delivery_id <> '';
create index notification_comment on notification (comment_id) where comment_id <> '';
create index notification_unread on notification (person_id, id, task_id, page) where read_at = 0;

create table signing_key (
	id {key} primary key,
	domain text not null,
	selector text not null,
	algorithm text not null check (algorithm in ('rsa-sha256', 'ed25519-sha256')),
	public text not null,
	sealed bytea not null,
	created_at bigint not null,
	signs_from bigint not null,
	signs_until bigint not null,
	unique (domain, selector)
);

-- What was found of all that mail depends on: the host's, of no account.
create table health_finding (
	grp {key} not null,
	position integer not null,
	code text not null,
	name text not null,
	state text not null check (state in ('fine', 'advice', 'wrong', 'unknown')),
	found text not null,
	record text not null,
	since bigint not null,
	checked_at bigint not null,
	primary key (grp, position)
);

-- How the addresses look that answers come back to, from a time on.
create table reply_mode (
	since bigint primary key,
	mode text not null check (mode in ('plain', 'plus', 'thread'))
);

-- Mails of the self-test under way: any process recognises one that comes back.
create table mail_probe (
	id {key} primary key,
	form text not null check (form in ('plain', 'plus')),
	sent_at bigint not null,
	refused text not null,
	returned_at bigint not null,
	seen text not null
);

-- When each group of findings was last asked for and last looked at.
create table health_check (
	grp {key} primary key,
	asked_at bigint not null,
	checked_at bigint not null
) {rowless};

-- How far the administrators of an account are with setting mail up.
create table mail_guide (
	account_id {key} primary key,
	way text not null check (way in ('', 'mx', 'forward')),
	test_id {key} not null,
	sent_at bigint not null,
	answered_at bigint not null,
	answered_by text not null
);
create index mail_guide_test on mail_guide (test_id) where test_id <> '';

-- Times in which mail itself was broken, and what the webhook was told of them.
create table mail_alarm (
	id {key} primary key,
	began_at bigint not null,
	ended_at bigint not null,
	causes text not null,
	broken_told bigint not null,
	cured_told bigint not null,
	tries integer not null,
	next_try bigint not null
);
create unique index mail_alarm_holds on mail_alarm (ended_at) where ended_at = 0;

create table delivery (
	id {key} primary key,
	account_id {key} not null,
	person_id {key} not null,
	task_id {key} not null,
	kind text not null,
	params text not null,
	stream text not null check (stream in ('security', 'work', 'digest')),
	scope text not null,
	link_id {key} not null,
	state text not null check (state in ('due', 'sent', 'failed', 'cancelled', 'uncertain', 'held')),
	gather boolean not null,
	gather_until bigint not null,
	due_at bigint not null,
	lease_until bigint not null,
	lease_token {key} not null,
	attempts integer not null,
	sent_date bigint not null,
	reason text not null,
	text text not null,
	created_at bigint not null,
	done_at bigint not null
) {rowless};
create index delivery_due on delivery (stream, due_at, id) where done_at = 0;
-- What of a thread has not ended: a later mail of it waits for the earlier.
create index delivery_thread on delivery (person_id, task_id, id) where done_at = 0 and task_id <> '';
create unique index delivery_gather on delivery (person_id, task_id, scope) where gather;
-- How many mails a person got lately.
create index delivery_sent on delivery (person_id, done_at) where state = 'sent' and stream = 'work';
create index delivery_account on delivery (account_id, id);
create unique index delivery_letter on delivery (link_id, scope) where kind = 'link';

create table attempt (
	delivery_id {key} not null,
	id {key} not null,
	account_id {key} not null,
	number integer not null,
	started_at bigint not null,
	ended_at bigint not null,
	remote text not null,
	code integer not null,
	enhanced text not null,
	text text not null,
	outcome text not null,
	address text not null,
	primary key (delivery_id, id)
) {rowless};

-- Which mail to an address is stopped, and why; what was lifted stays.
create table suppression (
	id {key} primary key,
	account_id {key} not null,
	address {key} not null,
	stream text not null check (stream in ('security', 'work', 'digest')),
	reason text not null check (reason in ('bounce', 'complaint', 'unsubscribe', 'hand')),
	evidence text not null,
	delivery_id {key} not null,
	receipt_id {key} not null,
	created_by {key} not null,
	created_at bigint not null,
	lifted_at bigint not null,
	lifted_by {key} not null
);
create unique index suppression_holds on suppression (account_id, address, stream) where lifted_at = 0;

create table sent_text (
	link_id {key} not null,
	delivery_id {key} not null,
	text text not null,
	primary key (link_id, delivery_id)
);

create table captured (
	delivery_id {key} primary key,
	sealed bytea not null
);

create table link (
	id {key} primary key,
	account_id {key} not null,
	kind text not null,
	person_id {key} not null,
	object_id {key} not null,
	scope text not null,
	generation integer not null,
	created_by {key} not null,
	created_at bigint not null,
	expires_at bigint not null,
	consumed_at bigint not null,
	revoked_at bigint not null,
	revoke_reason text not null,
	topic text not null
) {rowless};
-- One live link of a kind; ended ones stay as they ended, and a new one is another row (unblocking never revives).
create index link_creator on link (created_by) where created_by <> '';
create unique index link_live on link (person_id, object_id, kind, scope) where revoked_at = 0;
create index link_expires on link (kind, expires_at) where expires_at > 0;

-- Who opened a mailed link. The whole address goes after a while, its network stays.
create table link_visit (
	id {key} primary key,
	account_id {key} not null,
	link_id {key} not null,
	at bigint not null,
	class text not null,
	reasons text not null,
	ip text not null,
	network text not null,
	agent text not null
) {rowless};
create index link_visit_link on link_visit (link_id, at);
create index link_visit_ip on link_visit (at) where ip <> '';

-- What happened to a mailed link besides visits. The whole address goes as theirs does.
create table link_event (
	id {key} primary key,
	account_id {key} not null,
	link_id {key} not null,
	at bigint not null,
	code text not null,
	actor_id {key} not null,
	ip text not null,
	network text not null,
	agent text not null
) {rowless};
create index link_event_link on link_event (link_id, at);
create index link_event_ip on link_event (at) where ip <> '';

-- A drawing under one number, or a document; what is in it are its versions.
create table plan (
	id {key} primary key,
	account_id {key} not null references account (id),
	project_id {key} not null references project (id),
	kind text not null check (kind in ('plan', 'document')),
	number text not null,
	number_norm {key} not null,
	sort_key {key} not null,
	title text not null,
	title_norm text not null,
	trade_role {key} not null,
	secured boolean not null,
	-- Since when; what was sent before opens it no more for who is not on its list.
	secured_at bigint not null,
	created_by {key} not null,
	created_at bigint not null,
	updated_at bigint not null,
	deleted_at bigint not null default 0,
	deleted_by {key} not null default ''
) {rowless};
create unique index plan_number on plan (project_id, number_norm) where number_norm <> '' and deleted_at = 0;
create index plan_sort on plan (project_id, sort_key, id);
create index plan_trade on plan (project_id, trade_role);
create index plan_bin on plan (account_id, deleted_at) where deleted_at <> 0;

-- One index of a plan. It is there only when it is whole: its files were staged before.
create table plan_version (
	id {key} primary key,
	account_id {key} not null,
	plan_id {key} not null references plan (id),
	idx text not null,
	idx_norm {key} not null,
	position integer not null,
	state text not null check (state in ('in_review', 'current', 'superseded', 'withdrawn')),
	author_id {key} not null,
	uploaded_by {key} not null,
	note text not null,
	approval boolean not null,
	created_at bigint not null,
	current_at bigint not null,
	ended_at bigint not null,
	ended_by {key} not null,
	reminded integer not null default 0,
	unique (plan_id, idx_norm),
	unique (plan_id, position)
) {rowless};
create unique index plan_version_current on plan_version (plan_id) where state = 'current';
create index plan_version_remind on plan_version (current_at) where state = 'current' and position > 1 and reminded < 3;
create unique index plan_version_review on plan_version (plan_id) where state = 'in_review';

create table plan_file (
	id {key} primary key,
	account_id {key} not null,
	version_id {key} not null references plan_version (id),
	position integer not null,
	name text not null,
	type text not null,
	class text not null check (class in ('print', 'cad', 'other')),
	size bigint not null,
	hash {key} not null,
	pages integer not null,
	width integer not null,
	height integer not null
) {rowless};
create index plan_file_version on plan_file (version_id, position);

-- Who may see a secured plan, besides the project's administrators.
create table plan_access (
	plan_id {key} not null references plan (id),
	person_id {key} not null references person (id),
	account_id {key} not null,
	primary key (plan_id, person_id)
) {rowless};

-- A file on its way here, in parts; digest_state is the running SHA-256 up to received.
create table upload (
	id {key} primary key,
	account_id {key} not null,
	project_id {key} not null,
	person_id {key} not null,
	purpose text not null,
	name text not null,
	type text not null,
	size bigint not null,
	received bigint not null,
	digest_state bytea not null,
	done_hash {key} not null,
	mark text not null,
	pages integer not null,
	width integer not null,
	height integer not null,
	created_at bigint not null,
	touched_at bigint not null
) {rowless};
create index upload_person on upload (person_id, project_id);
create index upload_touched on upload (touched_at);

-- One sending of plans: exact versions to people, each by a link of his own.
create table transmittal (
	id {key} primary key,
	account_id {key} not null references account (id),
	project_id {key} not null references project (id),
	number bigint not null,
	sender_id {key} not null,
	message text not null,
	print_only boolean not null,
	copies integer not null,
	sheet text not null,
	folding text not null,
	created_at bigint not null,
	recalled_at bigint not null,
	recalled_by {key} not null,
	unique (project_id, number)
) {rowless};
create index transmittal_sender on transmittal (sender_id);

create table transmittal_item (
	transmittal_id {key} not null references transmittal (id),
	version_id {key} not null references plan_version (id),
	plan_id {key} not null,
	primary key (transmittal_id, version_id)
) {rowless};
create index transmittal_item_plan on transmittal_item (plan_id, transmittal_id);
create index transmittal_item_version on transmittal_item (version_id);

create table transmittal_recipient (
	transmittal_id {key} not null references transmittal (id),
	person_id {key} not null references person (id),
	link_id {key} not null,
	delivery_id {key} not null,
	primary key (transmittal_id, person_id)
) {rowless};
create index transmittal_recipient_person on transmittal_recipient (person_id, transmittal_id);

-- Each fetching of a plan's file, or of all in one (file_id is empty then); ended_at is 0 while it runs.
create table plan_fetch (
	id {key} primary key,
	account_id {key} not null,
	plan_id {key} not null,
	version_id {key} not null,
	file_id {key} not null,
	person_id {key} not null,
	link_id {key} not null,
	transmittal_id {key} not null,
	at bigint not null,
	ended_at bigint not null,
	class text not null check (class in ('person', 'scanner', 'unknown')),
	reason text not null,
	size bigint not null,
	sent bigint not null,
	whole boolean not null,
	cut boolean not null,
	agent text not null,
	network text not null
) {rowless};
create index plan_fetch_version on plan_fetch (version_id, at);
create index plan_fetch_person on plan_fetch (person_id, at);
create index plan_fetch_transmittal on plan_fetch (transmittal_id, at) where transmittal_id <> '';

-- Somebody said that he has a version, by himself or, on paper, through who wrote it down.
create table plan_receipt (
	version_id {key} not null references plan_version (id),
	person_id {key} not null references person (id),
	account_id {key} not null,
	at bigint not null,
	link_id {key} not null,
	how text not null check (how in ('page', 'paper')),
	recorded_by {key} not null,
	primary key (version_id, person_id)
) {rowless};

-- Which index of a plan somebody holds now: the latest one that he fetched or confirmed.
create table plan_holder (
	plan_id {key} not null references plan (id),
	person_id {key} not null references person (id),
	account_id {key} not null,
	version_id {key} not null,
	position integer not null,
	since bigint not null,
	how text not null check (how in ('download', 'receipt', 'paper')),
	primary key (plan_id, person_id)
) {rowless};
create index plan_holder_person on plan_holder (person_id, plan_id);

create table approval (
	id {key} primary key,
	account_id {key} not null references account (id),
	project_id {key} not null references project (id),
	version_id {key} not null references plan_version (id),
	requester_id {key} not null,
	rule text not null check (rule in ('all', 'any')),
	message text not null,
	state text not null check (state in ('waiting', 'approved', 'correction', 'withdrawn', 'overtaken')),
	created_at bigint not null,
	ended_at bigint not null
) {rowless};
create unique index approval_waiting on approval (version_id) where state = 'waiting';
create index approval_version on approval (version_id, created_at);
create index approval_project on approval (project_id, state, created_at);
-- The reminders walk through what waits.
create index approval_due on approval (created_at) where state = 'waiting';

create table approver (
	approval_id {key} not null references approval (id),
	person_id {key} not null references person (id),
	account_id {key} not null,
	substitute_of {key} not null,
	link_id {key} not null,
	delivery_id {key} not null,
	state text not null check (state in ('waiting', 'approved', 'correction', 'not_delivered')),
	decided_at bigint not null,
	assurance text not null,
	words text not null,
	comment text not null,
	reminded integer not null,
	primary key (approval_id, person_id)
) {rowless};
create index approver_person on approver (person_id, state);
create index approver_delivery on approver (delivery_id) where delivery_id <> '';
create index approver_link on approver (link_id) where link_id <> '';

-- What came with a correction.
create table approval_file (
	id {key} primary key,
	account_id {key} not null,
	approval_id {key} not null references approval (id),
	person_id {key} not null references person (id),
	position integer not null,
	name text not null,
	type text not null,
	size bigint not null,
	hash {key} not null
) {rowless};
create index approval_file_approval on approval_file (approval_id, position);

-- What rows of record were before they were changed or deleted, written by triggers (history.go).
create table history (
	seq {serial},
	record {key} not null,
	row_id {key} not null,
	deed text not null,
	at bigint not null,
	was text not null
);
create index history_row on history (record, row_id, seq);

-- What is not in the full-text index yet.
create table search_pending (
	object_id {key} primary key,
	kind text not null,
	account_id {key} not null,
	task_id {key} not null,
	created_at bigint not null
) {rowless};

-- What a block ended. The numbers stay as they were at that moment.
create table block (
	id {key} primary key,
	account_id {key} not null references account (id),
	number bigint not null,
	person_id {key} not null references person (id),
	project_id {key} not null,
	blocked_by {key} not null,
	at bigint not null,
	links bigint not null,
	sent_links bigint not null,
	mails bigint not null,
	downloads bigint not null,
	approvals bigint not null,
	fetched bigint not null,
	delivered bigint not null,
	sessions boolean not null,
	lifted_at bigint not null,
	lifted_by {key} not null,
	unique (account_id, number)
) {rowless};
create index block_person on block (person_id, at);

-- Mailboxes on other servers that mail is fetched from. What only the core reads of one is in settings.
create table mailbox (
	id {key} primary key,
	account_id {key} not null references account (id),
	name text not null,
	address text not null,
	settings text not null,
	sealed bytea not null,
	configured boolean not null,
	paused_at bigint not null,
	created_at bigint not null,
	updated_at bigint not null
);
create index mailbox_account on mailbox (account_id);

create table mailbox_folder (
	id {key} primary key,
	mailbox_id {key} not null references mailbox (id) on delete cascade,
	name text not null,
	validity bigint not null,
	next_uid bigint not null,
	first_uid bigint not null,
	began_at bigint not null,
	backlog text not null,
	at_hand text not null,
	total bigint not null,
	modseq bigint not null,
	code text not null,
	text text not null,
	since bigint not null,
	contact_at bigint not null,
	imported_at bigint not null,
	checked_at bigint not null,
	missing_since bigint not null,
	missing bigint not null,
	left_over bigint not null,
	unique (mailbox_id, name)
);

-- The ledger: what became of each message on the server, written together with the message.
create table fetched (
	folder_id {key} not null,
	validity bigint not null,
	uid bigint not null,
	account_id {key} not null,
	state text not null check (state in ('done', 'before', 'large', 'waiting', 'failed', 'gone')),
	message_id {key} not null,
	mark {key} not null,
	size bigint not null,
	at bigint not null,
	tries bigint not null,
	next_try bigint not null,
	code text not null,
	text text not null,
	from_text text not null,
	subject text not null,
	due boolean not null,
	asked boolean not null,
	primary key (folder_id, validity, uid)
) {rowless};
-- What is open, or to be tried, is little: a look must not cost more the more was taken in. By its states and times first,
-- or SQLite would rather go through all of a folder by the key.
create index fetched_open on fetched (state, folder_id) where state <> 'done' and state <> 'before';
create index fetched_next on fetched (folder_id, next_try) where next_try > 0;
create index fetched_due on fetched (folder_id) where due;

-- Alarms of mailboxes that hold, and the mails that prove the way to them.
create table mailbox_watch (
	mailbox_id {key} primary key references mailbox (id) on delete cascade,
	causes text not null,
	sent_at bigint not null,
	proven_at bigint not null,
	warned bigint not null
);

-- Small content of attachments and plans under its hash; what is larger lies in the files.
create table small_file (
	account_id {key} not null,
	hash {key} not null,
	content bytea not null,
	primary key (account_id, hash)
);
