namespace Tarn.S3.Routing;

/// <summary>
/// The operations of S3's model that this server does not have, one row each. Their requests are NotImplemented, and so is any other
/// method on their sub-resources. A test compares both tables with S3's model.
/// </summary>
internal static class NotImplementedOperations
{
    public static readonly IReadOnlyList<S3Operation> Rows =
    [
        // Only x-id distinguishes it from ListBuckets: at AWS it is sent to a host of its own.
        new("ListDirectoryBuckets", "GET", S3Target.Service, "s3express:ListAllMyDirectoryBuckets") { Query = ["x-id=ListDirectoryBuckets"] },
        new("CreateSession", "GET", S3Target.Bucket, "s3express:CreateSession") { Query = ["session"] },
        new("UpdateBucketMetadataInventoryTableConfiguration", "PUT", S3Target.Bucket, "s3:UpdateBucketMetadataInventoryTableConfiguration")
        {
            Query = ["metadataInventoryTable"],
        },
        new("UpdateBucketMetadataJournalTableConfiguration", "PUT", S3Target.Bucket, "s3:UpdateBucketMetadataJournalTableConfiguration")
        {
            Query = ["metadataJournalTable"],
        },
        new("UpdateBucketMetadataAnnotationTableConfiguration", "PUT", S3Target.Bucket, "s3:UpdateBucketMetadataAnnotationTableConfiguration")
        {
            Query = ["metadataAnnotationTable"],
        },
        new("GetObjectAnnotation", "GET", S3Target.Object, "s3:GetObjectAnnotation") { Query = ["annotation", "annotationName"] },
        new("ListObjectAnnotations", "GET", S3Target.Object, "s3:ListObjectAnnotations") { Query = ["annotation"] },
        new("PutObjectAnnotation", "PUT", S3Target.Object, "s3:PutObjectAnnotation") { Query = ["annotation"] },
        new("DeleteObjectAnnotation", "DELETE", S3Target.Object, "s3:DeleteObjectAnnotation") { Query = ["annotation"] },
        new("UpdateObjectEncryption", "PUT", S3Target.Object, "s3:UpdateObjectEncryption") { Query = ["encryption"] },
        new("RenameObject", "PUT", S3Target.Object, "s3express:CreateSession") { Query = ["renameObject"] },
        new("RestoreObject", "POST", S3Target.Object, "s3:RestoreObject") { Query = ["restore"] },
        new("SelectObjectContent", "POST", S3Target.Object, "s3:GetObject") { Query = ["select", "select-type=2"] },
        new("GetObjectTorrent", "GET", S3Target.Object, "s3:GetObjectTorrent") { Query = ["torrent"] },

        // Object Lambda; at AWS it is sent to a host of its own.
        new("WriteGetObjectResponse", "POST", S3Target.Bucket, "s3-object-lambda:WriteGetObjectResponse") { Header = "x-amz-request-route" },
    ];
}
