package frontrow.member.grid;

import frontrow.member.rules.Tenure;
import java.util.Arrays;

/** A value of which members that were apart may each have another copy. */
public interface Copy {
    /** The larger is the later, number by number: all that was acknowledged from the earlier copy is in the later one. */
    long[] age();

    /** Whether it is kept where the owner has none: not what PostgreSQL brings back as well, with all that belongs to it. */
    boolean isNeeded();

    Tenure tenure();

    /** The same copy in another tenure; itself where it is changed in place. */
    Copy ledBy(Tenure tenure);

    static boolean isLater(Copy one, Copy other) {
        return Arrays.compare(one.age(), other.age()) > 0;
    }
}
