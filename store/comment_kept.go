package store

import (
	"context"
	"encoding/json"
	"time"

	"planpost/core"
)

const keptTexts = `select at, was from history where record = 'comment' and row_id = $1 and deed = 'update' order by seq`

// keptRow is what the history keeps of a comment, as far as it is wanted here.
type keptRow struct {
	at     int64
	Text   string `json:"text"`
	Edited int64  `json:"edited_at"`
}

// KeptTexts reads the earlier texts of a comment from the history: rows that
// changed something else (hidden, task, bin) are passed over.
func (x *tx) KeptTexts(ctx context.Context, c *core.Comment) (kept []core.KeptText, err error) {
	rows, err := list(ctx, x, func(r row, k *keptRow) error {
		var was string
		if err := r.Scan(&k.at, &was); err != nil {
			return err
		}
		return json.Unmarshal([]byte(was), k)
	}, keptTexts, c.ID)
	if err != nil {
		return nil, err
	}
	now := keptRow{Text: c.Text}
	if !c.EditedAt.IsZero() {
		now.Edited = c.EditedAt.UnixMicro()
	}
	for i, was := range rows {
		next := now
		if i+1 < len(rows) {
			next = rows[i+1]
		}
		if was.Text == next.Text {
			continue
		}
		k := core.KeptText{Text: was.Text, Until: time.UnixMicro(was.at).UTC()}
		if was.Edited != next.Edited {
			k.By = c.Author // only the author edits (comment.edit); a cut put back leaves the time alone
		}
		kept = append(kept, k)
	}
	return kept, nil
}
