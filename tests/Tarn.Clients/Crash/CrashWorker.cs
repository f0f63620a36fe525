using Tarn.TestKit.Http;

namespace Tarn.Clients.Crash;

/// <summary>
/// Writes keys of its own, one request at a time, until the server is gone: each request is recorded before it
/// is sent and again when it is answered.
/// </summary>
internal sealed class CrashWorker
{
    private const int MiB = 1024 * 1024;
    private readonly Random _random;
    private readonly int _number;
    private int _writes;

    /// <summary>A worker with keys below a prefix of its own.</summary>
    public CrashWorker(int number, int seed, int keys)
    {
        _number = number;
        _random = new Random(HashCode.Combine(seed, number));
        Keys = [.. Enumerable.Range(0, keys).Select(index => new CrashKey($"worker-{number}/é +{index}"))];
    }

    /// <summary>The keys.</summary>
    public IReadOnlyList<CrashKey> Keys { get; }

    /// <summary>Works until a request gets no answer.</summary>
    /// <param name="client">A client for the running server.</param>
    /// <param name="bucket">The bucket.</param>
    /// <param name="acknowledged">Called after every acknowledged write.</param>
    /// <exception cref="InvalidOperationException">The server answered, and refused.</exception>
    public async Task RunAsync(RawS3Client client, string bucket, Action acknowledged)
    {
        while (true)
        {
            RawS3Response answer;
            var key = Keys[Pick(Keys.Count)];
            try
            {
                answer = await WriteAsync(client, bucket, key);
            }
            catch (Exception error) when (error is HttpRequestException or IOException or OperationCanceledException)
            {
                return;
            }

            if (!answer.IsSuccess || answer.Text.Contains("<Error>", StringComparison.Ordinal))
            {
                throw new InvalidOperationException($"{key}: {(int)answer.Status} {answer.Text}");
            }

            key.Acknowledge();
            acknowledged();
        }
    }

    private async Task<RawS3Response> WriteAsync(RawS3Client client, string bucket, CrashKey key)
    {
        switch (Pick(20))
        {
            case < 9:
                return await PutAsync(client, bucket, key, Pick(4000));
            case < 14:
                return await PutAsync(client, bucket, key, MiB + Pick(7 * MiB));
            case < 16 when Keys.FirstOrDefault(other => other != key && other.Acknowledged is not null) is { } source:
                key.Begin(source.Acknowledged);
                return await client.CopyAsync(bucket, source.Name, key.Name);
            case < 18:
                key.Begin(null);
                return await client.DeleteAsync(bucket, key.Name);
            default:
                return await MultipartAsync(client, bucket, key);
        }
    }

    private Task<RawS3Response> PutAsync(RawS3Client client, string bucket, CrashKey key, int size)
    {
        var content = Next(size);
        key.Begin(content);
        return client.PutAsync(bucket, key.Name, content.Bytes());
    }

    private Task<RawS3Response> MultipartAsync(RawS3Client client, string bucket, CrashKey key)
    {
        const int PartSize = 5 * MiB;
        var content = Next(PartSize + 1 + Pick(MiB));
        key.Begin(content);
        var bytes = content.Bytes().AsMemory();
        return client.MultipartAsync(bucket, key.Name, [bytes[..PartSize], bytes[PartSize..]]);
    }

    private CrashContent Next(int size) => new((_number * 1_000_000) + _writes++, size);

    private int Pick(int below)
    {
#pragma warning disable CA5394 // A reproducible choice.
        return _random.Next(below);
#pragma warning restore CA5394
    }
}
