package core

import (
	"context"
	"time"
)

// Status of a task.
const (
	TaskNew      = "new"
	TaskWorking  = "working"
	TaskWaiting  = "waiting"
	TaskDone     = "done"
	TaskRejected = "rejected"
)

// TaskStatuses are all statuses, in the order of a task's life.
func TaskStatuses() []string {
	return []string{TaskNew, TaskWorking, TaskWaiting, TaskDone, TaskRejected}
}

// Closed tells whether a status ends the work.
func Closed(status string) bool { return status == TaskDone || status == TaskRejected }

// Relation of a person to a task.
type Relation string

// The relations; a task has exactly one assigner and at most one assignee.
const (
	Assigner    Relation = "assigner"
	Assignee    Relation = "assignee"
	CoAssignee  Relation = "coassignee"
	Participate Relation = "participant"
	Auditor     Relation = "auditor"
)

// Task is a piece of work with its conversation.
type Task struct {
	ID, Account ID
	// Number is for people, per account, never reused; given by the store on creation.
	Number      int64
	Project     ID
	Title       string
	Description string
	Status      string
	// DueDate is a civil date "2006-01-02" in the account's zone, DueTime "15:04" or empty.
	DueDate, DueTime string
	Visibility       string
	// Counterparty of its own; empty means the project's.
	Counterparty ID
	// NoCompanyAccess takes the task out of "all tasks of the company" (fact CPY).
	NoCompanyAccess      bool
	CreatedAt, UpdatedAt time.Time
	// ClosedAt is zero while open. Reply addresses live 180 days longer.
	ClosedAt time.Time
	// DeletedAt is set while the task lies in the bin by itself; DeletedBy put it there.
	DeletedAt time.Time
	DeletedBy ID
	// People are the relations. Filled by FindTask and ListTasks, written by CreateTask and SetTaskPeople.
	People []TaskPerson
	// heard are who was told of something in the transaction at hand: their pages are told after it.
	heard []ID
}

// TaskPerson is one relation of a task.
type TaskPerson struct {
	Person   ID
	Relation Relation
}

// Of gives the people with relation r.
func (t *Task) Of(r Relation) (ids []ID) {
	for _, p := range t.People {
		if p.Relation == r {
			ids = append(ids, p.Person)
		}
	}
	return ids
}

// Related gives everybody with any relation, each once.
func (t *Task) Related() (ids []ID) {
	seen := make(map[ID]bool, len(t.People))
	for _, p := range t.People {
		if !seen[p.Person] {
			seen[p.Person] = true
			ids = append(ids, p.Person)
		}
	}
	return ids
}

// Comment is one entry of a task's conversation.
type Comment struct {
	ID, Account, Task ID
	// Author is who wrote it; never a person who did not (an unproven one is said to be so, see Verified).
	Author ID
	// Text is the canonical form; HTML an optional safe rendering of it.
	Text, HTML string
	// Hidden keeps it from outsiders for as long as it is set.
	Hidden bool
	// Via is page, mail or system.
	Via string
	// Message is the incoming message it came from, if any.
	Message ID
	// Verified is for Via mail: "pass", "fail", "none" or "temporary" (auth.Outcome).
	Verified string
	// Change is set on entries made by the system for a changed task: a code such as "status", with From and To.
	Change, From, To string
	CreatedAt        time.Time
	// EditedAt is zero when never edited.
	EditedAt time.Time
	// DeletedAt is set while it lies in the bin; DeletedBy put it there.
	DeletedAt time.Time
	DeletedBy ID
	// PutBack is what somebody put back of what had been cut out of its mail.
	PutBack PutBack
	// Recipients are who was addressed; immutable once written.
	Recipients []ID
	// Attachments are filled when listed.
	Attachments []Attachment
}

// Viewer is on whose behalf a list is read; the store compiles the
// permission table's cell for the action into the query.
type Viewer struct {
	Account ID
	Person  Person
	// All skips the question: the operator and the system.
	All bool
	// Link is the task that the link of who comes by it alone opens; empty for a session.
	Link ID
}

// TaskFilter narrows a list of tasks. The zero value lists open tasks, latest activity first.
type TaskFilter struct {
	Project ID
	// Status is one status, "open" (default when empty), "closed" or "any".
	Status string
	// Assignee and Mine (any relation of the viewer) narrow by people.
	Assignee ID
	Mine     bool
	// Related narrows to tasks to which this person has any relation.
	Related ID
	// Number finds one task by its number.
	Number int64
	// Before continues behind the task with this activity and ID.
	Before   time.Time
	BeforeID ID
	Limit    int
}

// TaskItem is a task in a list.
type TaskItem struct {
	Task
	ProjectName  string
	AssigneeName string
	Comments     int
}

// Found is one hit of a search.
type Found struct {
	Task   ID
	Number int64
	Title  string
	// Comment is empty when the task itself was hit.
	Comment ID
	Text    string
	At      time.Time
	// Seq orders hits, newest first; the cursor for more.
	Seq int64
}

// CommentWay is how a comment came in and went out.
type CommentWay struct {
	// Receipt, Cuts and Facts are set when it came by mail.
	Receipt ID
	Cuts    []Cut
	Facts   MessageFacts
	// Sent are the deliveries that carry it.
	Sent []Delivery
}

// TaskTx reads and writes tasks, comments and their search index.
type TaskTx interface {
	// CreateTask writes the task with its people and gives it its number.
	CreateTask(ctx context.Context, t *Task) error
	// UpdateTask writes every field but number, creation and people.
	UpdateTask(ctx context.Context, t *Task) error
	SetTaskPeople(ctx context.Context, account, task ID, people []TaskPerson) error
	FindTask(ctx context.Context, account, id ID) (Task, error)
	FindTaskByNumber(ctx context.Context, account ID, number int64) (Task, error)
	// ListTasks gives what the viewer may see (action task.view), latest activity first.
	ListTasks(ctx context.Context, v Viewer, f TaskFilter) ([]TaskItem, error)

	CreateComment(ctx context.Context, c *Comment) error
	UpdateComment(ctx context.Context, c *Comment) error
	// MoveComment moves the comment with its files and its receipt into c.Task, which is in that project.
	MoveComment(ctx context.Context, c *Comment, project ID) error
	FindComment(ctx context.Context, account, id ID) (Comment, error)
	// KeptTexts are the comment's earlier texts, oldest first.
	KeptTexts(ctx context.Context, c *Comment) ([]KeptText, error)
	// ListComments gives what the viewer may see (comment.view_public, comment.view_hidden), newest
	// first, older than `before` when that is not empty; attachments and recipients filled.
	ListComments(ctx context.Context, v Viewer, task ID, before ID, limit int) ([]Comment, error)
	// WordsBefore gives what people wrote in a task before a comment (at all when it is empty), newest first,
	// whoever may read it: without changes of the task, recipients and attachments.
	WordsBefore(ctx context.Context, account, task, before ID, limit int) ([]Comment, error)
	// LastExchange is the newest unhidden comment of the task that an outsider wrote or was
	// addressed by, its recipients filled; ok is false when there is none.
	LastExchange(ctx context.Context, account, task ID) (c Comment, ok bool, err error)

	// CommentWays tells how the comments came and went, by comment; those of neither way are missing.
	CommentWays(ctx context.Context, account ID, comments []ID) (map[ID]CommentWay, error)

	// Search gives the newest hits that the viewer may see: every word of query must occur (as the
	// beginning of a word), tasks by title and description, comments by text. before is a Seq or 0.
	Search(ctx context.Context, v Viewer, query string, before int64, limit int) ([]Found, error)
}

// Indexed is what IndexPending did.
type Indexed struct {
	// Number is how many rows it moved; none wait when it is zero.
	Number int
	// Accounts are those whose tasks have moved.
	Accounts []ID
}
