package core

import "testing"

// What speaks of work leaves by the road of work and can be switched off; all else is of an account's safety and cannot.
func TestEachNoticeIsOfItsEventAndTakesItsRoad(t *testing.T) {
	for code, event := range map[string]Event{
		"project.added": ProjectJoined, "project.invited": ProjectJoined, "project.transferred": ProjectHanded,
		"task.created": TaskMade, "task.created.in": TaskMade, "hours.reminder": HoursTold,
		"password.changed": AccountSafety, "of.nothing.known": AccountSafety,
	} {
		road := WorkStream
		if event == AccountSafety {
			road = SecurityStream
		}
		kind, known := eventKind(noticeEvent(code))
		if kind.Event != event || !known || kind.Choosable(MailChannel) == (event == AccountSafety) {
			t.Errorf("%s is of %q, %+v", code, noticeEvent(code), kind)
		}
		if got := streamOf(NoticeLetter, []string{"code", code}); got != road {
			t.Errorf("%s takes the road of %s", code, got)
		}
	}
}
