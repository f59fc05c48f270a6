package frontrow.member.grid;

import com.hazelcast.core.HazelcastInstance;
import java.util.HashSet;
import java.util.Set;
import java.util.UUID;

/**
 * Who is short of memory, as far as this member knows: itself, by its heap's watch, and others, by what they say. An entry
 * grows on its owner and on its backups alike, so each of them counts. Every batch reads one field, which is empty on good days.
 */
public final class Memory {
    private volatile State own = new State(0, 0, false);
    private volatile Set<UUID> shortMembers = Set.of();

    /**
     * How this member's heap stands.
     *
     * @param liveBytes what was alive after the latest full collection; 0 before the first
     * @param boundBytes how much may be
     * @param isShort whether new orders are refused for it
     */
    public record State(long liveBytes, long boundBytes, boolean isShort) {
    }

    State own() {
        return own;
    }

    /** {@code member}: this one's id. */
    public void standsAt(State state, UUID member) {
        own = state;
        heard(member, state.isShort());
    }

    /** What a member says of itself. */
    public synchronized void heard(UUID member, boolean isShort) {
        if (isShort != shortMembers.contains(member)) {
            Set<UUID> changed = new HashSet<>(shortMembers);
            if (isShort) {
                changed.add(member);
            } else {
                changed.remove(member);
            }
            shortMembers = Set.copyOf(changed);
        }
    }

    /** Members that have left refuse nothing any more. */
    public synchronized void keepOnly(Set<UUID> members) {
        if (!members.containsAll(shortMembers)) {
            Set<UUID> kept = new HashSet<>(shortMembers);
            kept.retainAll(members);
            shortMembers = Set.copyOf(kept);
        }
    }

    /** Whether the owner of an entry or one of its backups has no room for more of it. */
    boolean isShortFor(HazelcastInstance member, Object key) {
        Set<UUID> known = shortMembers;
        return !known.isEmpty() && Fence.of(member).standsOnAny(key, known);
    }
}
