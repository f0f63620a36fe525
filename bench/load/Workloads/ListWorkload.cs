using System.Net;
using System.Text;
using Tarn.Load.Http;
using Tarn.Load.Options;

namespace Tarn.Load.Workloads;

/// <summary>ListObjectsV2: each worker pages through the whole listing, again and again; one request is one page.</summary>
internal sealed class ListWorkload : IWorkload
{
    private readonly State[] _states;
    private readonly byte[] _queryEnd;

    public ListWorkload(LoadOptions options)
    {
        _states = [.. Enumerable.Range(0, options.Concurrency).Select(_ => new State())];
        var query = new ByteBuffer(128);
        if (options.Delimiter.Length > 0)
        {
            query.Append("delimiter="u8);
            query.AppendUriEncoded(options.Delimiter, keepSlash: false);
            query.Append("&"u8);
        }

        query.Append("list-type=2&max-keys="u8);
        query.Append(options.MaxKeys);
        query.Append("&prefix="u8);
        query.AppendUriEncoded(options.Prefix, keepSlash: false);
        _queryEnd = query.Written.ToArray();
    }

    public string Name => "list";

    public void Step(Worker worker, long index)
    {
        State state = _states[worker.Number];
        state.Query.Clear();
        if (state.Token is not null)
        {
            // "continuation-token" sorts before every other parameter here, as the signature needs.
            state.Query.Append("continuation-token="u8);
            state.Query.AppendUriEncoded(state.Token, keepSlash: false);
            state.Query.Append("&"u8);
        }

        state.Query.Append(_queryEnd);
        Exchange exchange = worker.Client.Bucket("GET", state.Query.Written, state.Page);
        ReadOnlySpan<byte> page = state.Page.Written;
        state.Token = exchange.IsSuccess ? Token(page) : null;
        if (exchange.IsSuccess && page.IndexOf("</ListBucketResult>"u8) < 0)
        {
            worker.Fail(Name, "the page is not a complete ListBucketResult");
            return;
        }

        worker.Record(Name, exchange, 0, Items(page), listingEnds: state.Token is null);
    }

    /// <summary>Keys plus common prefixes on a page.</summary>
    internal static long Items(ReadOnlySpan<byte> page) => page.Count("<Contents>"u8) + page.Count("<CommonPrefixes>"u8);

    /// <summary>The page's NextContinuationToken, null on the last page.</summary>
    internal static string? Token(ReadOnlySpan<byte> page)
    {
        int start = page.IndexOf("<NextContinuationToken>"u8);
        if (start < 0)
        {
            return null;
        }

        page = page[(start + "<NextContinuationToken>"u8.Length)..];
        int end = page.IndexOf((byte)'<');
        return end <= 0 ? null : WebUtility.HtmlDecode(Encoding.UTF8.GetString(page[..end]));
    }

    private sealed class State
    {
        public CollectingSink Page { get; } = new();

        public ByteBuffer Query { get; } = new(512);

        public string? Token { get; set; }
    }
}
