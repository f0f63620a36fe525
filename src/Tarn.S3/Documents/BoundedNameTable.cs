using System.Xml;

namespace Tarn.S3.Documents;

/// <summary>The XML names of one document, limited in number and length so that a document full of names costs no more than its bytes.</summary>
internal sealed class BoundedNameTable : NameTable
{
    /// <summary>S3's documents have a few dozen names; clients' namespaces add a few.</summary>
    private const int MaxNames = 512;

    /// <summary>In UTF-16 code units; namespaces are names too.</summary>
    private const int MaxLength = 512;

    private int _names;

    public override string Add(char[] key, int start, int len) => Get(key, start, len) ?? Counted(len, () => base.Add(key, start, len));

    public override string Add(string key) => Get(key) ?? Counted(key.Length, () => base.Add(key));

    private string Counted(int length, Func<string> add) => length <= MaxLength && ++_names <= MaxNames
        ? add()
        : throw new XmlException("The document has too many names, or a name that is too long.");
}
