package frontrow.member.grid;

import com.hazelcast.map.EntryProcessor;
import com.hazelcast.nio.ObjectDataInput;
import com.hazelcast.nio.ObjectDataOutput;
import com.hazelcast.nio.serialization.IdentifiedDataSerializable;
import java.io.IOException;
import java.util.Map;

/** The backup's half of an {@link AttemptsProcessor}: the same bytes onto the same life and step, or an exception. */
public final class AttemptsBackup implements EntryProcessor<String, AttemptsLog, byte[]>, IdentifiedDataSerializable {
    private byte[] message;

    AttemptsBackup() {
    }

    AttemptsBackup(byte[] message) {
        this.message = message;
    }

    @Override
    public byte[] process(Map.Entry<String, AttemptsLog> entry) {
        AttemptsLog after = AttemptsSteps.checkedAndApplied(entry.getValue(), message);
        if (after != null) {
            entry.setValue(after);
        }
        return null;
    }

    @Override
    public void writeData(ObjectDataOutput out) throws IOException {
        out.writeByteArray(message);
    }

    @Override
    public void readData(ObjectDataInput in) throws IOException {
        message = in.readByteArray();
    }

    @Override
    public int getFactoryId() {
        return MemberFactory.ID;
    }

    @Override
    public int getClassId() {
        return MemberFactory.ATTEMPTS_BACKUP;
    }
}
