using Tarn.Core.Model;
using Tarn.Core.Policy.Decisions;

namespace Tarn.Core.Policy.Documents;

/// <summary>Reads a Resource or NotResource element: buckets and the objects in them.</summary>
internal static class ResourceParser
{
    private static readonly string[] ArnPrefixes = ["arn:aws:s3:::", "arn:cw:s3:::"];

    /// <summary>A resource of a bucket policy: an ARN of the bucket or of objects in it.</summary>
    /// <param name="kinds">The kinds of resource that it can match.</param>
    /// <exception cref="Errors.S3Exception">MalformedPolicy, naming the resource.</exception>
    public static Template ParseForBucket(string text, BucketName bucket, TemplateCompiler templates, string where, out S3ResourceKinds kinds)
    {
        if (WithoutArn(text) is not { Length: > 0 } path)
        {
            throw PolicyRefusal.Because(PolicyRefusal.InvalidResource, where, text);
        }

        int slash = path.IndexOf('/', StringComparison.Ordinal);
        string owner = slash < 0 ? path : path[..slash];
        byte[] name = System.Text.Encoding.ASCII.GetBytes(bucket.Value);
        if (!Wildcard.IsMatch(Wildcard.Tokens(owner), name))
        {
            throw PolicyRefusal.Because(PolicyRefusal.InvalidResource, where, text);
        }

        // A star also matches slashes, so "bucket*" matches the bucket and everything in it.
        kinds = slash >= 0 ? S3ResourceKinds.Object
            : owner.Contains('*', StringComparison.Ordinal) ? S3ResourceKinds.Bucket | S3ResourceKinds.Object
            : S3ResourceKinds.Bucket;
        return templates.Compile(path, wildcards: true, where);
    }

    /// <summary>A resource of an organization policy: <c>*</c>, a bucket, <c>bucket/key</c>, each also as an ARN.</summary>
    /// <exception cref="Errors.S3Exception">MalformedPolicy, naming the resource.</exception>
    public static Template ParseForOrganization(string text, TemplateCompiler templates, string where)
    {
        string? path = text.StartsWith("arn:", StringComparison.Ordinal) ? WithoutArn(text) : text;
        return path is null or "" || path[0] == '/' || path.Contains("${", StringComparison.Ordinal)
            ? throw PolicyRefusal.Because(PolicyRefusal.InvalidResource, where, text)
            : templates.Compile(path, wildcards: true, where);
    }

    /// <summary>A resource of a policy of an identity: <c>*</c>, or an ARN of a bucket or of objects, of any bucket.</summary>
    /// <exception cref="Errors.S3Exception">MalformedPolicy, naming the resource.</exception>
    public static Template ParseForIdentity(string text, TemplateCompiler templates, string where) =>
        (text == "*" ? text : WithoutArn(text)) is { Length: > 0 } path && path[0] != '/'
            ? templates.Compile(path, wildcards: true, where)
            : throw PolicyRefusal.Because(PolicyRefusal.InvalidResource, where, text);

    private static string? WithoutArn(string text)
    {
        foreach (string prefix in ArnPrefixes)
        {
            if (text.StartsWith(prefix, StringComparison.Ordinal))
            {
                return text[prefix.Length..];
            }
        }

        return null;
    }
}
