package frontrow.member.grid;

import com.hazelcast.cluster.Member;
import com.hazelcast.cluster.MembershipEvent;
import com.hazelcast.cluster.MembershipListener;
import com.hazelcast.core.HazelcastInstance;
import java.util.List;

/**
 * Whether this member may lack what others have acknowledged. Whoever sees fewer members than may sell cannot know what the rest
 * does meanwhile: from then on he acts for nobody, until the copies of as many as may sell have been compared (each
 * acknowledged change is on one of them) and the latest kept, by {@link BroughtProcessor}.
 *
 * <p>A member that starts is in doubt, too: the one that joins it may have been alone with everything.
 */
public final class Doubt implements MembershipListener {
    private final int membersMin;
    private volatile boolean standing = true;
    private volatile boolean away;
    private int times;

    /** {@code membersMin}: the smallest cluster that may sell. */
    public Doubt(int membersMin) {
        this.membersMin = membersMin;
    }

    /** Of this member; made when it started. */
    public static Doubt of(HazelcastInstance member) {
        return Context.doubt(member);
    }

    /** Whether it lasts. */
    public boolean stands() {
        return standing;
    }

    /** Whether what this member had in its time alone is with those that own the entries now. */
    public boolean hasBrought() {
        return !away;
    }

    /** It joins others, with its copies in hand. */
    public void leave() {
        away = true;
        begin();
    }

    /** It has handed them over. */
    public void isBack() {
        away = false;
    }

    /**
     * The members whose copies are compared: the oldest, as many as may sell; each acknowledged change is on one of them. All, while
     * they are too few.
     */
    public List<Member> majority(HazelcastInstance member) {
        return member.getCluster().getMembers().stream().limit(membersMin).toList(); // they come in the order in which they joined
    }

    /** Whether this member is one of those. */
    public boolean counts(HazelcastInstance member) {
        return majority(member).stream().anyMatch(Member::localMember);
    }

    /** So many members were seen. */
    void saw(int members) {
        if (members < membersMin) {
            begin();
        }
    }

    private synchronized void begin() {
        times++;
        standing = true;
    }

    /** How often it has begun, for who asks around and then ends it. */
    public synchronized int times() {
        return times;
    }

    /** Copies of a majority have been compared, of the doubt that had begun so many times. */
    public synchronized void end(int begun) {
        if (begun == times) {
            standing = false;
        }
    }

    @Override
    public void memberAdded(MembershipEvent event) {
        // More of them prove nothing before they have told what they know.
    }

    @Override
    public void memberRemoved(MembershipEvent event) {
        saw(event.getMembers().size());
    }
}
