package frontrow.member.grid;

import com.hazelcast.map.EntryProcessor;
import com.hazelcast.nio.ObjectDataInput;
import com.hazelcast.nio.ObjectDataOutput;
import com.hazelcast.nio.serialization.IdentifiedDataSerializable;
import java.io.IOException;
import java.util.Map;

/** The backup's half of a {@link DocumentProcessor}: the same bytes onto the same life and step, or an exception. */
public final class DocumentBackup implements EntryProcessor<String, Based, byte[]>, IdentifiedDataSerializable {
    private byte[] message;

    DocumentBackup() {
    }

    DocumentBackup(byte[] message) {
        this.message = message;
    }

    @Override
    public byte[] process(Map.Entry<String, Based> entry) {
        Based before = entry.getValue();
        Based after = DocumentSteps.checkedAndApplied(before, message);
        if (after != before || after instanceof CatalogueIndex) {
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
        return MemberFactory.DOCUMENT_BACKUP;
    }
}
