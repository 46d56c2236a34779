-- One row a text that can be found; seq orders them, the newest last.
create table search_doc (
	seq integer primary key,
	object_id text not null,
	kind text not null,
	account_id text not null,
	task_id text not null
);
create index search_doc_object on search_doc (object_id);

-- The words of each text, once, in any order, folded in Go, and two words
-- that no text can contain: its account and its task. Nothing else is kept:
-- every question asks for words only.
create virtual table search_index using fts5(
	words, content='', contentless_delete=1, detail=none, tokenize="ascii tokenchars '_'"
);

-- All words that were ever indexed. A question for the beginning of a word is
-- put as one for the words that begin so: given a beginning, FTS5 reads and
-- sorts all that it has for it before it gives the first row, half a second
-- for a common word among a million texts.
create table search_word (word text primary key) without rowid;
