using Tarn.Core.Model;
using Tarn.Core.Records;

namespace Tarn.Core.Objects;

/// <summary>Encodes <see cref="ObjectMetadata"/> as fields 40 to 49, which are the same in every record that has them.</summary>
internal sealed class MetadataCodec
{
    private ObjectMetadata _metadata = ObjectMetadata.Empty;
    private List<KeyValuePair<string, string>>? _user;
    private List<KeyValuePair<string, string>>? _tags;
    private List<Grant>? _grants;

    public static void Write(RecordWriter writer, ObjectMetadata metadata)
    {
        if (metadata.ContentType != ObjectMetadata.DefaultContentType)
        {
            Header(writer, 40, metadata.ContentType);
        }

        if (metadata.StorageClass != StorageClasses.Standard)
        {
            writer.Text(41, metadata.StorageClass);
        }

        Header(writer, 42, metadata.CacheControl);
        Header(writer, 43, metadata.ContentDisposition);
        Header(writer, 44, metadata.ContentEncoding);
        Header(writer, 45, metadata.ContentLanguage);
        Header(writer, 46, metadata.Expires);
        metadata.Acl?.Write(writer, 47);
        foreach ((string name, string value) in metadata.User)
        {
            writer.Nested(48, w => Header(w.Text(1, name), 2, value));
        }

        foreach ((string name, string value) in metadata.Tags)
        {
            writer.Nested(49, w => w.Text(1, name).Text(2, value));
        }
    }

    public void TryRead(ref RecordReader reader)
    {
        switch (reader.Field)
        {
            case 40: _metadata = _metadata with { ContentType = HeaderText.Decode(reader.Bytes) }; break;
            case 41: _metadata = _metadata with { StorageClass = reader.Text }; break;
            case 42: _metadata = _metadata with { CacheControl = HeaderText.Decode(reader.Bytes) }; break;
            case 43: _metadata = _metadata with { ContentDisposition = HeaderText.Decode(reader.Bytes) }; break;
            case 44: _metadata = _metadata with { ContentEncoding = HeaderText.Decode(reader.Bytes) }; break;
            case 45: _metadata = _metadata with { ContentLanguage = HeaderText.Decode(reader.Bytes) }; break;
            case 46: _metadata = _metadata with { Expires = HeaderText.Decode(reader.Bytes) }; break;
            case 47: (_grants ??= []).Add(AclCodec.ReadGrant(reader.Nested())); break;
            case 48: (_user ??= []).Add(ReadPair(reader.Nested())); break;
            case 49: (_tags ??= []).Add(ReadPair(reader.Nested())); break;
        }
    }

    public ObjectMetadata Build() => _user is null && _tags is null && _grants is null
        ? _metadata
        : _metadata with { User = _user ?? [], Tags = _tags ?? [], Acl = _grants is null ? null : AccessControlList.FromStorage(_grants) };

    private static void Header(RecordWriter writer, int field, string? value)
    {
        if (value is not null)
        {
            writer.Bytes(field, HeaderText.Encode(value));
        }
    }

    private static KeyValuePair<string, string> ReadPair(RecordReader reader)
    {
        string name = "", value = "";
        while (reader.Next())
        {
            if (reader.Field == 1)
            {
                name = reader.Text;
            }
            else if (reader.Field == 2)
            {
                value = HeaderText.Decode(reader.Bytes);
            }
        }

        return new KeyValuePair<string, string>(name, value);
    }
}
