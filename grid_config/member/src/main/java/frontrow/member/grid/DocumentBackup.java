package frontrow.member.grid;

import com.hazelcast.map.EntryProcessor;
import java.util.Map;

/** The backup's half of a {@link DocumentProcessor}: the same bytes onto the same life and step, or an exception. */
public final class DocumentBackup extends Parcel implements EntryProcessor<String, Based, byte[]> {

    DocumentBackup() {
        this(null);
    }

    DocumentBackup(byte[] message) {
        super(MemberFactory.DOCUMENT_BACKUP, message);
    }

    @Override
    public byte[] process(Map.Entry<String, Based> entry) {
        Based before = entry.getValue();
        Based after = DocumentSteps.checkedAndApplied(before, bytes());
        if (after != before || after instanceof CatalogueIndex) {
            entry.setValue(after);
        }
        return null;
    }
}
