package frontrow.member.grid;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class HintsTest {
    private final Hints hints = new Hints();

    @Test
    void anEntryIsDirtyUntilItIsNot() {
        hints.inventory(1, true, Long.MAX_VALUE);
        assertEquals(List.of(1L), hints.dirtyEvents(10, key -> true));

        hints.inventory(1, false, Long.MAX_VALUE);
        assertEquals(List.of(), hints.dirtyEvents(10, key -> true));
    }

    @Test
    void whatIsDueIsToldFromItsTimeOn() {
        hints.inventory(1, false, 100);
        hints.inventory(2, false, 200);

        assertEquals(List.of(), hints.dueEvents(99, 10, key -> true));
        assertEquals(List.of(1L), hints.dueEvents(100, 10, key -> true));

        hints.inventory(1, false, 300);
        assertEquals(List.of(2L), hints.dueEvents(200, 10, key -> true));
    }

    @Test
    void onlyWhatThisMemberOwnsIsTold() {
        hints.inventory(1, true, 1);
        hints.inventory(2, true, 1);

        assertEquals(List.of(2L), hints.dirtyEvents(10, key -> key.equals(2L)));
        assertEquals(List.of(2L), hints.dueEvents(1, 10, key -> key.equals(2L)));
    }

    @Test
    void aListIsNeverLongerThanAskedFor() {
        for (long event = 0; event < 5; event++) {
            hints.inventory(event, true, 1);
            hints.want(event);
        }

        assertEquals(3, hints.dirtyEvents(3, key -> true).size());
        assertEquals(3, hints.dueEvents(1, 3, key -> true).size());
        assertEquals(3, hints.takeWantedEvents(3).size());
        assertEquals(2, hints.takeWantedEvents(3).size());
    }

    @Test
    void aDroppedEntryIsForgotten() {
        hints.inventory(1, true, 1);
        hints.forget(1);

        assertEquals(List.of(), hints.dirtyEvents(10, key -> true));
        assertEquals(List.of(), hints.dueEvents(1, 10, key -> true));
    }

    @Test
    void documentsAndAttemptsHaveTheirOwnLists() {
        hints.document("hall:1", true);
        hints.attempts("attempts:0", true);

        assertEquals(List.of("hall:1"), hints.dirtyDocuments(10, key -> true));
        assertEquals(List.of("attempts:0"), hints.dirtyAttempts(10, key -> true));
    }
}
