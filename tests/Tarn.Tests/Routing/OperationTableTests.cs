using Tarn.Core.Errors;
using Tarn.S3.Operations;
using Tarn.S3.Routing;

namespace Tarn.Tests.Routing;

public class OperationTableTests
{
    [Fact]
    public void Every_row_resolves_to_itself()
    {
        foreach (S3Operation row in OperationTable.Rows)
        {
            string query = string.Join('&', row.Query);
            Resolution found = Resolve(row.Method, row.Target.ToString(), query, row.Header);
            Assert.Same(row, found.Operation);
            Assert.Same(row, Resolve(row.Method, row.Target.ToString(), query + "&x-id=" + row.Name + "&unknown=1", row.Header).Operation);
        }
    }

    [Fact]
    public void Rows_do_not_clash()
    {
        Assert.Distinct(OperationTable.Rows.Select(row => row.Name));
        Assert.Distinct(OperationTable.Rows.Select(row => $"{row.Method} {row.Target} {string.Join('&', row.Query.Order())} {row.Header}"));
        Assert.Equal(Enumerable.Range(0, OperationTable.Rows.Count), OperationTable.Rows.Select(row => row.Index));
        Assert.All(
            OperationTable.Rows.Where(row => row.Name != "Preflight"), row => Assert.StartsWith("s3:", row.Action, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("GET", "Bucket", "list-type=2&prefix=a", null, "ListObjectsV2")]
    [InlineData("GET", "Bucket", "list-type=1", null, "ListObjects")]
    [InlineData("GET", "Object", "partNumber=1", null, "GetObject")]
    [InlineData("GET", "Object", "versionId=v&response-content-type=x", null, "GetObject")]
    [InlineData("GET", "Object", "policy&cors&versions", null, "GetObject")]
    [InlineData("PUT", "Object", "uploadId=u&partNumber=1", null, "UploadPart")]
    [InlineData("PUT", "Object", "uploadId=u&partNumber=1", "x-amz-copy-source", "UploadPartCopy")]
    [InlineData("GET", "Bucket", "versions&prefix=a", null, "ListObjectVersions")]
    [InlineData("GET", "Bucket", "list-type=2&versions", null, "ListObjectVersions")]
    [InlineData("GET", "Bucket", "versioning", null, "GetBucketVersioning")]
    [InlineData("PUT", "Object", "", "x-amz-copy-source", "CopyObject")]
    [InlineData("POST", "Object", "uploads=", null, "CreateMultipartUpload")]
    [InlineData("DELETE", "Bucket", "lifecycle", null, "DeleteBucketLifecycle")]
    [InlineData("DELETE", "Bucket", "tagging", null, "DeleteBucketTagging")]
    [InlineData("DELETE", "Object", "tagging&versionId=v", null, "DeleteObjectTagging")]
    [InlineData("PUT", "Object", "lifecycle", null, "PutObject")]
    [InlineData("POST", "Bucket", "x-id=PostObject", null, "PostObject")]
    [InlineData("OPTIONS", "Object", "uploads", null, "Preflight")]
    [InlineData("GET", "Bucket", "policyStatus", null, "GetBucketPolicyStatus")]
    [InlineData("DELETE", "Bucket", "policy", null, "DeleteBucketPolicy")]
    [InlineData("GET", "Bucket", "inventory&continuation-token=x", null, "ListBucketInventoryConfigurations")]
    [InlineData("GET", "Bucket", "inventory&id=x", null, "GetBucketInventoryConfiguration")]
    [InlineData("DELETE", "Bucket", "metrics&id=", null, "DeleteBucketMetricsConfiguration")]
    [InlineData("GET", "Bucket", "id=x", null, "ListObjects")]
    [InlineData("PUT", "Object", "retention=", null, "PutObjectRetention")]
    [InlineData("PUT", "Object", "acl=&versionId=null", null, "PutObjectAcl")]
    [InlineData("OPTIONS", "Bucket", "list-type=2&policy", null, "Preflight")]
    public void Resolves(string method, string target, string query, string? header, string operation) =>
        Assert.Equal(operation, Resolve(method, target, query, header).Operation?.Name);

    [Theory]
    [InlineData("GET", "Bucket", "session")]
    [InlineData("PUT", "Bucket", "metadataInventoryTable")]
    [InlineData("PUT", "Object", "encryption")]
    [InlineData("POST", "Object", "restore")]
    [InlineData("POST", "Object", "select&select-type=2")]
    [InlineData("GET", "Object", "torrent")]
    [InlineData("DELETE", "Object", "torrent")]
    [InlineData("PUT", "Bucket", "metadataAnnotationTable")]
    [InlineData("GET", "Object", "annotation&annotationName=a&versionId=v")]
    [InlineData("GET", "Object", "acl&annotation")]
    [InlineData("GET", "Service", "x-id=ListDirectoryBuckets")]
    public void What_is_not_implemented_is_said_to_be(string method, string target, string query)
    {
        Resolution found = Resolve(method, target, query);
        Assert.Null(found.Operation);
        Assert.Equal(S3Error.NotImplemented, found.Error);
    }

    [Fact]
    public void A_request_of_an_Object_Lambda_function_is_not_a_form()
    {
        Assert.Equal("PostObject", Resolve("POST", "Bucket", "").Operation?.Name);
        Assert.Equal(S3Error.NotImplemented, Resolve("POST", "Bucket", "", "x-amz-request-route").Error);
    }

    [Theory]
    [InlineData("POST", "Object", "", "GET, HEAD, PUT, DELETE")]
    [InlineData("PATCH", "Object", "", "GET, HEAD, PUT, DELETE")]
    [InlineData("get", "Object", "", "GET, HEAD, PUT, DELETE")]
    [InlineData("PUT", "Service", "", "GET")]
    [InlineData("HEAD", "Service", "", "GET")]
    [InlineData("DELETE", "Service", "", "GET")]
    [InlineData("PATCH", "Bucket", "", "GET, HEAD, PUT, POST, DELETE")]
    [InlineData("OPTIONS", "Service", "", "GET")]
    [InlineData("PUT", "Object", "uploads", "POST")]
    [InlineData("DELETE", "Bucket", "uploads", "GET")]
    [InlineData("PUT", "Bucket", "delete", "POST")]
    [InlineData("HEAD", "Object", "uploadId=u", "GET, PUT, POST, DELETE")]
    public void What_S3_refuses_is_refused(string method, string target, string query, string allow)
    {
        Resolution found = Resolve(method, target, query);
        Assert.Equal(S3Error.MethodNotAllowed, found.Error);
        Assert.Equal(allow, found.Allow);
    }

    [Fact]
    public void UploadPart_needs_its_number() => Assert.Equal(S3Error.InvalidRequest, Resolve("PUT", "Object", "uploadId=u").Error);

    private static Resolution Resolve(string method, string target, string query, string? header = null)
    {
        Assert.True(RequestQuery.TryParse(query, out RequestQuery parsed));
        return OperationTable.Resolve(method, Enum.Parse<S3Target>(target), parsed, new OneHeader(header));
    }

    private readonly struct OneHeader(string? name) : IHeaderPresence
    {
        public bool Has(string lowerCaseName) => name == lowerCaseName;
    }
}
