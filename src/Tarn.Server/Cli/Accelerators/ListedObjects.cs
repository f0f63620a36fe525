using System.Globalization;
using System.Runtime.CompilerServices;
using System.Xml;
using System.Xml.Linq;

namespace Tarn.Server.Cli.Accelerators;

/// <summary>An object of a listing.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Size">Its bytes.</param>
internal readonly record struct ListedObject(string Key, long Size);

/// <summary>The objects of a bucket, page after page. A page is asked for again, a few times, where it is not decided.</summary>
/// <param name="client">Asks for them.</param>
/// <param name="waits">Told why it is waited.</param>
/// <param name="time">The clock.</param>
/// <param name="pageSize">The maximum number of objects of a page, at most 1,000.</param>
internal sealed class ListedObjects(S3Client client, Action<string> waits, TimeProvider time, int pageSize = ListedObjects.MaxPage)
{
    /// <summary>How often a page is asked for.</summary>
    public const int Tries = PrestageRun.Tries;

    private const int MaxPage = 1000;

    /// <summary>Lists the objects whose keys begin with a prefix.</summary>
    /// <exception cref="CliException">The listing is refused, gets no answer however often it is asked for, or is not understood.</exception>
    public async IAsyncEnumerable<ListedObject> ListAsync(string bucket, string prefix, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string? token = null;
        do
        {
            // Keys may hold what XML cannot.
            string query = string.Create(
                CultureInfo.InvariantCulture,
                $"list-type=2&encoding-type=url&max-keys={pageSize}&prefix={Uri.EscapeDataString(prefix)}{(token is null ? "" : $"&continuation-token={Uri.EscapeDataString(token)}")}");
            (IReadOnlyList<ListedObject> page, string? next) = Read(bucket, await PageAsync(bucket, query, cancellationToken));
            foreach (ListedObject listed in page)
            {
                yield return listed;
            }

            token = next is null || next != token ? next : throw new CliException($"the listing of {bucket} does not go on: {client.Endpoint} gives the same page again");
        }
        while (token is not null);
    }

    private async Task<byte[]> PageAsync(string bucket, string query, CancellationToken cancellationToken)
    {
        for (int tries = 0; ; tries++)
        {
            S3Reply? reply = null;
            string trouble;
            try
            {
                reply = await client.SendAsync(HttpMethod.Get, bucket, query, [], [], cancellationToken);
                if (reply.ErrorCode is null)
                {
                    return reply.Body;
                }

                trouble = $"cannot list {bucket}: {reply.ErrorMessage} ({reply.ErrorCode}, {reply.Status})";
                if (tries == Tries - 1 || !RetryPauses.IsUndecided(reply.Status))
                {
                    throw new CliException(trouble);
                }
            }
            catch (CliException e) when (e.IsUnanswered && tries < Tries - 1)
            {
                trouble = e.Message;
            }

            waits(trouble);
            await Task.Delay(RetryPauses.Of(tries, reply, time.GetUtcNow()), time, cancellationToken);
        }
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
