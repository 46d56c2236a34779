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
