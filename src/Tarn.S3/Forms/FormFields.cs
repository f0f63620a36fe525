using Microsoft.AspNetCore.Http;
using Tarn.Core.Errors;
using Tarn.Core.Model;
using Tarn.S3.Access;
using Tarn.S3.Wire;

namespace Tarn.S3.Forms;

/// <summary>The fields of a form before its file, by name in any case. Source: Amazon S3 API Reference, "POST Object", "Form fields".</summary>
internal sealed class FormFields
{
    public const string File = "file";

    /// <summary>Fields that are headers of the object, besides <c>x-amz-*</c>.</summary>
    private static readonly string[] ObjectFields =
        ["Cache-Control", "Content-Type", "Content-Disposition", "Content-Encoding", "Content-Language", "Content-MD5", "Expires"];

    private static readonly string[] ConditionFields = ["If-Match", "If-None-Match", "If-Unmodified-Since"];

    private readonly List<KeyValuePair<string, string>> _fields = [];

    /// <summary>The fields in the order they were sent, with their names as sent.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> All => _fields;

    /// <summary>A field's value; null when there is no such field.</summary>
    public string? this[string name]
    {
        get
        {
            int index = IndexOf(name);
            return index < 0 ? null : _fields[index].Value;
        }
    }

    /// <summary>Whether the form asks for an access control list.</summary>
    public bool SetsAcl => this["acl"] is not null || AclHeaders.AreIn(name => IndexOf(name) >= 0);

    /// <summary>Reads the fields up to the file, and replaces <c>${filename}</c> in them.</summary>
    /// <exception cref="S3Exception">InvalidArgument without a file, or for a field that comes twice; MalformedPOSTRequest; MaxPostPreDataLengthExceededError.</exception>
    public static async ValueTask<FormFields> ReadAsync(MultipartFormReader reader, CancellationToken cancellationToken)
    {
        var fields = new FormFields();
        while (await reader.NextAsync(cancellationToken) is { } part)
        {
            if (part.Name.Equals(File, StringComparison.OrdinalIgnoreCase))
            {
                reader.BeginFile();
                fields.Expand(part.FileName ?? "");
                return fields;
            }

            fields.Add(part.Name, await reader.ReadTextAsync(cancellationToken));
        }

        throw FormErrors.NotOneFile(0);
    }

    /// <exception cref="S3Exception">InvalidArgument for a repeated field: the policy could check one value and the object get the other.</exception>
    public void Add(string name, string value)
    {
        if (IndexOf(name) >= 0)
        {
            throw Arguments.Invalid("A field of a form may occur only once.", name, value);
        }

        _fields.Add(new(name, value));
    }

    /// <summary>The key of the object.</summary>
    /// <exception cref="S3Exception">InvalidArgument, KeyTooLongError.</exception>
    public ObjectKey Key()
    {
        string text = this["key"] ?? throw FormErrors.Missing("key");
        if (text.Length == 0)
        {
            throw Arguments.Invalid("User key must have a length greater than 0.", "key", text);
        }

        return KeyOf(text) ?? throw (HasNul(text) ? Arguments.Invalid("A key cannot hold a NUL.", "key", text) : new S3Exception(S3Error.KeyTooLong));
    }

    /// <summary>The key of the object; null where there is none, or one that no object can have.</summary>
    public ObjectKey? FindKey() => this["key"] is { } text ? KeyOf(text) : null;

    /// <summary>The fields as the headers of the equivalent PutObject.</summary>
    /// <param name="request">The request's headers, of which only the conditions count; those may also be fields.</param>
    /// <exception cref="S3Exception">InvalidArgument for a name that is not a valid header name, or one that comes twice.</exception>
    public IHeaderDictionary Headers(IHeaderDictionary request)
    {
        IHeaderDictionary headers = new HeaderDictionary();
        headers.IfMatch = request.IfMatch;
        headers.IfNoneMatch = request.IfNoneMatch;
        headers.IfUnmodifiedSince = request.IfUnmodifiedSince;
        foreach ((string name, string value) in _fields)
        {
            bool amazon = name.StartsWith("x-amz-", StringComparison.OrdinalIgnoreCase);
            if (amazon && !HttpToken.IsToken(name))
            {
                throw Arguments.Invalid("The name of a field that becomes a header must be a valid header name.", name, value);
            }

            if (amazon || ObjectFields.Contains(name, StringComparer.OrdinalIgnoreCase))
            {
                headers[name] = value;
            }
            else if (ConditionFields.Contains(name, StringComparer.OrdinalIgnoreCase))
            {
                headers[name] = headers.ContainsKey(name) ? throw Arguments.Invalid("A condition may be given only once.", name, value) : value;
            }
        }

        if (this["acl"] is { } acl)
        {
            headers["x-amz-acl"] = headers.ContainsKey("x-amz-acl") ? throw Arguments.Invalid("The ACL may be given only once.", "acl", acl) : acl;
        }

        if (this["tagging"] is { } tagging && headers.ContainsKey(TaggingHeader.Name))
        {
            throw Arguments.Invalid("The tags may be given only once.", "tagging", tagging);
        }

        return headers;
    }

    /// <exception cref="S3Exception">MaxPostPreDataLengthExceededError: a long file name in many places could expand to millions of characters.</exception>
    private void Expand(string fileName)
    {
        int length = 0;
        for (int i = 0; i < _fields.Count; i++)
        {
            _fields[i] = new(_fields[i].Key, _fields[i].Value.Replace("${filename}", fileName, StringComparison.Ordinal));
            length += _fields[i].Value.Length;
            if (length > FormBuffer.MaxFieldBytes)
            {
                throw new S3Exception(S3Error.MaxPostPreDataLengthExceeded);
            }
        }
    }

    private static ObjectKey? KeyOf(string text) => text.Length > 0 && !HasNul(text) && ObjectKey.TryCreate(text, out ObjectKey key) ? key : null;

    private static bool HasNul(string text) => text.Contains('\0', StringComparison.Ordinal);

    private int IndexOf(string name) => _fields.FindIndex(field => field.Key.Equals(name, StringComparison.OrdinalIgnoreCase));
}
