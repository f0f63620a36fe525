using System.Net;
using System.Runtime.CompilerServices;
using Amazon.Runtime;
using Amazon.S3;
using Amazon.S3.Model;
using Amazon.S3.Transfer;

namespace Tarn.Server.Backups;

/// <summary>The objects below a prefix of a bucket. Whatever goes wrong is an <see cref="IOException"/>.</summary>
internal sealed class S3Objects(IAmazonS3 client, string bucket, string prefix) : IDisposable
{
    private readonly TransferUtility _transfers = new(client);

    /// <summary>The place, for messages.</summary>
    public string Place => $"s3://{bucket}/{prefix.TrimEnd('/')}";

    /// <summary>The length of an object in bytes; null when there is none.</summary>
    public Task<long?> FindAsync(string name, CancellationToken cancellationToken) => GuardAsync<long?>(async () =>
    {
        try
        {
            return (await client.GetObjectMetadataAsync(bucket, prefix + name, cancellationToken)).ContentLength;
        }
        catch (AmazonS3Exception e) when (e.StatusCode == HttpStatusCode.NotFound)
        {
            return null;
        }
    });

    /// <summary>Opens an object from an offset on; null when there is none.</summary>
    public Task<Stream?> OpenAsync(string name, long offset, CancellationToken cancellationToken) => GuardAsync<Stream?>(async () =>
    {
        try
        {
            var request = new GetObjectRequest { BucketName = bucket, Key = prefix + name };
            if (offset > 0)
            {
                request.ByteRange = new ByteRange(offset, long.MaxValue);
            }

            return new S3Stream(await client.GetObjectAsync(request, cancellationToken));
        }
        catch (AmazonS3Exception e) when (e.StatusCode == HttpStatusCode.NotFound)
        {
            return null;
        }
    });

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

    private async Task<T> GuardAsync<T>(Func<Task<T>> call)
    {
        try
        {
            return await call();
        }
        catch (Exception e) when (e is AmazonServiceException or AmazonClientException or HttpRequestException)
        {
            throw new IOException($"{Place}: {e.Message}", e);
        }
    }

    /// <summary>The bytes of an answer. One that ends too early is a failure, not the end.</summary>
    private sealed class S3Stream(GetObjectResponse response) : Stream
    {
        private readonly Stream _content = response.ResponseStream;
        private long _left = response.ContentLength;

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
            int count;
            try
            {
                count = await _content.ReadAsync(buffer, cancellationToken);
            }
            catch (Exception e) when (e is AmazonClientException or HttpRequestException)
            {
                throw new IOException(e.Message, e);
            }

            return Count(count, buffer.Length);
        }

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override int Read(byte[] buffer, int offset, int count)
        {
            try
            {
                return Count(_content.Read(buffer, offset, count), count);
            }
            catch (Exception e) when (e is AmazonClientException or HttpRequestException)
            {
                throw new IOException(e.Message, e);
            }
        }

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
                response.Dispose();
            }

            base.Dispose(disposing);
        }

        private int Count(int count, int wanted)
        {
            _left -= count;
            return count > 0 || wanted == 0 || _left == 0 ? count : throw new IOException("the answer ended too early");
        }
    }
}
