using System.Net;
using System.Runtime.CompilerServices;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using Amazon.S3.Transfer;
using Tarn.Core.Consistency;

namespace Tarn.Server.Backups;

/// <summary>The objects below a prefix of a bucket. Whatever goes wrong is an <see cref="IOException"/>.</summary>
internal sealed class S3Objects(IAmazonS3 client, string bucket, string prefix) : IDisposable
{
    private readonly TransferUtility _transfers = new(client);

    /// <summary>The place, for messages.</summary>
    public string Place => $"s3://{bucket}/{prefix.TrimEnd('/')}";

    /// <summary>The length of an object in bytes; null when there is none, or no bucket.</summary>
    public Task<long?> FindAsync(string name, CancellationToken cancellationToken) => FindKeyAsync(prefix + name, cancellationToken);

    /// <summary>The length in bytes of an object of the bucket, also one that is not below the prefix; null when there is none, or no bucket.</summary>
    public Task<long?> FindKeyAsync(string key, CancellationToken cancellationToken) => GuardAsync<long?>(async () =>
    {
        try
        {
            return (await client.GetObjectMetadataAsync(bucket, key, cancellationToken)).ContentLength;
        }
        catch (AmazonS3Exception e) when (e.StatusCode == HttpStatusCode.NotFound)
        {
            return null;
        }
    });

    /// <summary>Fails if there is no bucket: the answer about an object that is not there has no body that would say which of them is missing.</summary>
    public Task ThrowIfNoBucketAsync(CancellationToken cancellationToken) =>
        GuardAsync(() => client.ListObjectsV2Async(new ListObjectsV2Request { BucketName = bucket, Prefix = prefix, MaxKeys = 1 }, cancellationToken));

    /// <summary>Opens an object from an offset on; null when there is none.</summary>
    public async Task<Stream?> OpenAsync(string name, long offset, CancellationToken cancellationToken) => await GetAsync(name, offset, cancellationToken) is { } answer
        ? new S3Stream(answer, offset, (from, token) => GetAsync(name, from, token))
        : null;

    /// <summary>Stores an object: in parts if it is large.</summary>
    public Task PutAsync(string name, Stream content, CancellationToken cancellationToken) => GuardAsync(async () =>
    {
        content.Position = 0;
        await _transfers.UploadAsync(
            new TransferUtilityUploadRequest { BucketName = bucket, Key = prefix + name, InputStream = content, AutoCloseStream = false, AutoResetStreamPosition = false }, cancellationToken);
        return true;
    });

    /// <summary>Removes an object if there is one.</summary>
    public Task DeleteAsync(string name, CancellationToken cancellationToken) => GuardAsync(async () =>
    {
        await client.DeleteObjectAsync(bucket, prefix + name, cancellationToken);
        return true;
    });

    /// <summary>Lists the names that begin with a text, in order, with their lengths and times.</summary>
    public async IAsyncEnumerable<(string Name, long Length, DateTimeOffset Modified)> ListAsync(string start, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string? token = null;
        do
        {
            ListObjectsV2Response page = await GuardAsync(() => client.ListObjectsV2Async(
                new ListObjectsV2Request { BucketName = bucket, Prefix = prefix + start, ContinuationToken = token }, cancellationToken));
            foreach (S3Object item in page.S3Objects ?? [])
            {
                yield return (item.Key[prefix.Length..], item.Size ?? 0, item.LastModified ?? default);
            }

            token = page.IsTruncated == true ? page.NextContinuationToken : null;
        }
        while (token is not null);
    }

    public void Dispose()
    {
        _transfers.Dispose();
        client.Dispose();
    }

    private Task<GetObjectResponse?> GetAsync(string name, long offset, CancellationToken cancellationToken) => GuardAsync<GetObjectResponse?>(async () =>
    {
        try
        {
            var request = new GetObjectRequest { BucketName = bucket, Key = prefix + name };
            if (offset > 0)
            {
                request.ByteRange = new ByteRange(offset, long.MaxValue);
            }

            return await client.GetObjectAsync(request, cancellationToken);
        }
        catch (AmazonS3Exception e) when (e.StatusCode == HttpStatusCode.NotFound && e.ErrorCode != "NoSuchBucket")
        {
            return null;
        }
    });

    private async Task<T> GuardAsync<T>(Func<Task<T>> call)
    {
        try
        {
            return await call();
        }
        catch (Exception e) when (e is AmazonServiceException or AmazonClientException or HttpRequestException)
        {
            throw new CopyPlaceException($"{Place}: {e.Message}", e);
        }
    }

    /// <summary>The bytes of an object. An answer that ends too early is asked for again from there on: that says nothing about the object.</summary>
    private sealed class S3Stream(GetObjectResponse first, long offset, Func<long, CancellationToken, Task<GetObjectResponse?>> get) : Stream
    {
        private const int Tries = 4;
        private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

        private GetObjectResponse _answer = first;
        private long _left = first.ContentLength;
        private long _at = offset;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            for (int tries = 1; ; tries++)
            {
                try
                {
                    return Count(await _answer.ResponseStream.ReadAsync(buffer, cancellationToken), buffer.Length);
                }
                catch (Exception e) when (IsCut(e) && !cancellationToken.IsCancellationRequested)
                {
                    if (tries == Tries)
                    {
                        throw new CopyPlaceException(e.Message, e);
                    }
                }

                await Task.Delay(Pause * tries, TimeProvider.System, cancellationToken);
                _answer.Dispose();
                _answer = await get(_at, cancellationToken) ?? throw new CopyPlaceException("an object is gone while it is read");
                _left = _answer.ContentLength;
            }
        }

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("What is far away is not waited for.");

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                _answer.Dispose();
            }

            base.Dispose(disposing);
        }

        private static bool IsCut(Exception e) => e is IOException or AmazonClientException or HttpRequestException;

        private int Count(int count, int wanted)
        {
            if (count == 0 && wanted > 0 && _left > 0)
            {
                throw new IOException("the answer ended too early");
            }

            _left -= count;
            _at += count;
            return count;
        }
    }
}
