package frontrow.member.grid;

import com.hazelcast.map.EntryProcessor;
import java.util.Map;

/** The backup's half of an {@link AttemptsProcessor}: the same bytes onto the same life and step, or an exception. */
public final class AttemptsBackup extends Parcel implements EntryProcessor<String, AttemptsLog, byte[]> {

    AttemptsBackup() {
        this(null);
    }

    AttemptsBackup(byte[] message) {
        super(MemberFactory.ATTEMPTS_BACKUP, message);
    }

    @Override
    public byte[] process(Map.Entry<String, AttemptsLog> entry) {
        AttemptsLog after = AttemptsSteps.checkedAndApplied(entry.getValue(), bytes());
        if (after != null) {
            entry.setValue(after);
        }
        return null;
    }
}
