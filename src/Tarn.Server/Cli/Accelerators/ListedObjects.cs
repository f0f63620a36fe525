using System.Globalization;
using System.Runtime.CompilerServices;
using System.Xml;
using System.Xml.Linq;

namespace Tarn.Server.Cli.Accelerators;

/// <summary>An object of a listing.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Size">Its bytes.</param>
internal readonly record struct ListedObject(string Key, long Size);

/// <summary>The objects of a bucket, page after page.</summary>
/// <param name="client">Asks for them.</param>
/// <param name="pageSize">The maximum number of objects of a page, at most 1,000.</param>
internal sealed class ListedObjects(S3Client client, int pageSize = ListedObjects.MaxPage)
{
    private const int MaxPage = 1000;

    /// <summary>Lists the objects whose keys begin with a prefix.</summary>
    /// <exception cref="CliException">The listing is refused, or is not understood.</exception>
    public async IAsyncEnumerable<ListedObject> ListAsync(string bucket, string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string? token = null;
        do
        {
            // Keys may hold what XML cannot.
            string query = string.Create(
                CultureInfo.InvariantCulture,
                $"list-type=2&encoding-type=url&max-keys={pageSize}&prefix={Uri.EscapeDataString(prefix)}{(token is null ? "" : $"&continuation-token={Uri.EscapeDataString(token)}")}");
            S3Reply reply = await client.SendAsync(HttpMethod.Get, bucket, query, [], [], cancellationToken);
            if (reply.ErrorCode is not null)
            {
                throw new CliException($"cannot list {bucket}: {reply.ErrorMessage} ({reply.ErrorCode}, {reply.Status})");
            }

            (IReadOnlyList<ListedObject> page, string? next) = Read(bucket, reply.Body);
            foreach (ListedObject listed in page)
            {
                yield return listed;
            }

            token = next is null || next != token ? next : throw new CliException($"the listing of {bucket} does not go on: {client.Endpoint} gives the same page again");
        }
        while (token is not null);
    }

    private static (IReadOnlyList<ListedObject> Page, string? Next) Read(string bucket, byte[] document)
    {
        try
        {
            XElement root = S3Client.ReadXml(document);
            bool goesOn = Text(root, "IsTruncated") == "true";
            return (
                [.. root.Elements().Where(static element => element.Name.LocalName == "Contents").Select(static each => new ListedObject(
                    Uri.UnescapeDataString(Text(each, "Key") ?? throw new FormatException("an object has no key")),
                    long.Parse(Text(each, "Size") ?? "", NumberStyles.None, CultureInfo.InvariantCulture)))],
                goesOn ? Text(root, "NextContinuationToken") ?? throw new FormatException("there is no continuation token") : null);
        }
        catch (Exception e) when (e is XmlException or FormatException or OverflowException)
        {
            throw new CliException($"the listing of {bucket} is not understood: {e.Message}", e);
        }
    }

    private static string? Text(XElement parent, string name) => parent.Elements().FirstOrDefault(element => element.Name.LocalName == name)?.Value;
}
