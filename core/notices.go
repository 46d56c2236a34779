package core

// tellPages lets the open pages of people know that their notifications changed.
func (c *Core) tellPages(people []ID) {
	for _, id := range people {
		if id != "" {
			c.bus.Publish(NotesTopic(id))
		}
	}
}
