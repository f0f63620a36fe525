using Amazon.S3;
using Amazon.S3.Model;

namespace Tarn.Conformance.Support;

/// <summary>Removes what a test left on an endpoint that outlives it.</summary>
internal static class CleanUp
{
    /// <summary>Aborts the uploads of a bucket, deletes its objects, their versions, then itself. A bucket that the test never created is not an error.</summary>
    public static async Task BucketAsync(IAmazonS3 s3, string bucket)
    {
        try
        {
            ListMultipartUploadsResponse uploads = await s3.ListMultipartUploadsAsync(new ListMultipartUploadsRequest { BucketName = bucket });
            foreach (MultipartUpload upload in uploads.MultipartUploads ?? [])
            {
                await s3.AbortMultipartUploadAsync(bucket, upload.Key, upload.UploadId);
            }

            ListObjectsV2Response page;
            do
            {
                page = await s3.ListObjectsV2Async(new ListObjectsV2Request { BucketName = bucket });
                foreach (S3Object item in page.S3Objects ?? [])
                {
                    await s3.DeleteObjectAsync(bucket, item.Key);
                }
            }
            while (page.IsTruncated == true);
            foreach (S3ObjectVersion version in (await s3.ListVersionsAsync(bucket)).Versions ?? [])
            {
                await s3.DeleteObjectAsync(bucket, version.Key, version.VersionId);
            }

            await s3.DeleteBucketAsync(bucket);
        }
        catch (AmazonS3Exception refusal) when (refusal.ErrorCode is "NoSuchBucket" or "InvalidBucketName")
        {
            // Already gone, as intended.
        }
    }
}
