package frontrow.member.grid;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

/**
 * What this member knows to be waiting in the entries it owns or backs up: undrained changes, deadlines, entries that were
 * asked for and are not there. Partition threads write, the hints task reads.
 *
 * <p>Only a hint, in memory: what is lost with the member, or left behind when a partition moves, is found again by the
 * pump's slow sweep. An asker says which keys are {@code ours}: backups write too, so that a promoted member knows at once
 * what waits, and keys that have moved away must not be told by two.
 */
public final class Hints {
    private final Set<Long> dirtyEvents = ConcurrentHashMap.newKeySet();
    private final Map<Long, Long> nextDueAt = new ConcurrentHashMap<>();
    private final Set<Long> wantedEvents = ConcurrentHashMap.newKeySet();
    private final Set<String> dirtyDocuments = ConcurrentHashMap.newKeySet();
    private final Set<String> dirtyAttempts = ConcurrentHashMap.newKeySet();

    /** How an inventory stands after a call. {@code dueAt} in unix ms, {@link Long#MAX_VALUE} when nothing will fall due. */
    public void inventory(long event, boolean dirty, long dueAt) {
        mark(dirtyEvents, event, dirty);
        if (dueAt == Long.MAX_VALUE) {
            nextDueAt.remove(event);
        } else {
            Long known = nextDueAt.get(event);
            if (known == null || known != dueAt) {
                nextDueAt.put(event, dueAt);
            }
        }
    }

    /** There is no such entry any more. */
    public void forget(long event) {
        dirtyEvents.remove(event);
        nextDueAt.remove(event);
    }

    /** Somebody asked for an event whose entry is missing or shut. */
    public void want(long event) {
        wantedEvents.add(event);
    }

    public void document(String key, boolean dirty) {
        mark(dirtyDocuments, key, dirty);
    }

    public void attempts(String key, boolean dirty) {
        mark(dirtyAttempts, key, dirty);
    }

    /** Events with changes that PostgreSQL has not got, at most {@code most}. */
    public List<Long> dirtyEvents(int most, Predicate<Object> ours) {
        return some(dirtyEvents, most, ours);
    }

    /** Events with a hold or payment past its deadline at {@code now} (unix ms), at most {@code most}. */
    public List<Long> dueEvents(long now, int most, Predicate<Object> ours) {
        List<Long> due = new ArrayList<>();
        for (Map.Entry<Long, Long> next : nextDueAt.entrySet()) {
            if (due.size() == most) {
                break;
            }
            if (next.getValue() <= now && ours.test(next.getKey())) {
                due.add(next.getKey());
            }
        }
        return due;
    }

    /** Events that were asked for while missing or shut; told once: who still wants them asks again. */
    public List<Long> takeWantedEvents(int most) {
        List<Long> wanted = new ArrayList<>();
        Iterator<Long> events = wantedEvents.iterator();
        while (wanted.size() < most && events.hasNext()) {
            wanted.add(events.next());
            events.remove();
        }
        return wanted;
    }

    public List<String> dirtyDocuments(int most, Predicate<Object> ours) {
        return some(dirtyDocuments, most, ours);
    }

    public List<String> dirtyAttempts(int most, Predicate<Object> ours) {
        return some(dirtyAttempts, most, ours);
    }

    private static <K> void mark(Set<K> keys, K key, boolean dirty) {
        if (dirty) {
            keys.add(key);
        } else {
            keys.remove(key);
        }
    }

    private static <K> List<K> some(Set<K> keys, int most, Predicate<Object> ours) {
        List<K> found = new ArrayList<>();
        for (K key : keys) {
            if (found.size() == most) {
                break;
            }
            if (ours.test(key)) {
                found.add(key);
            }
        }
        return found;
    }
}
