using Tarn.Core.Model;

namespace Tarn.Core.Records;

/// <summary>
/// The persisted form of access control lists: a bucket's, which is a record of its own, and the fields of one in an object's record.
/// </summary>
public static class AclCodec
{
    private const byte Marker = 1;

    /// <summary>The record: docs/design/records.md.</summary>
    public static byte[] Encode(this AccessControlList list)
    {
        ArgumentNullException.ThrowIfNull(list);
        var writer = new RecordWriter(Marker);
        list.Write(writer, 1);
        return writer.ToArray();
    }

    /// <exception cref="RecordFormatException">The bytes are not a valid list, or were written by a newer build.</exception>
    public static AccessControlList Decode(byte[] bytes)
    {
        var grants = new List<Grant>();
        var reader = new RecordReader(bytes, Marker);
        while (reader.Next())
        {
            if (reader.Field == 1)
            {
                grants.Add(ReadGrant(reader.Nested()));
            }
        }

        return AccessControlList.FromStorage(grants);
    }

    /// <summary>Writes the grants as repeated fields of a record: at least one, so that an empty list is not read as no list.</summary>
    internal static void Write(this AccessControlList list, RecordWriter writer, int field)
    {
        if (list.Grants.Count == 0)
        {
            writer.Nested(field, static _ => { });
        }

        foreach (Grant grant in list.Grants)
        {
            writer.Nested(field, w => w
                .Number(1, (ulong)grant.Grantee.Kind)
                .Text(2, grant.Grantee.Kind == GranteeKind.CanonicalUser ? grant.Grantee.Id : null)
                .Number(3, (ulong)grant.Permission));
        }
    }

    /// <summary>Reads one grant that <see cref="Write"/> wrote.</summary>
    internal static Grant ReadGrant(RecordReader reader)
    {
        GranteeKind kind = 0;
        string id = "";
        AclPermission permission = 0;
        while (reader.Next())
        {
            switch (reader.Field)
            {
                case 1: kind = (GranteeKind)reader.Number; break;
                case 2: id = reader.Text; break;
                case 3: permission = (AclPermission)reader.Number & AclPermission.FullControl; break;
            }
        }

        return new Grant(new Grantee(kind, id), permission);
    }
}
