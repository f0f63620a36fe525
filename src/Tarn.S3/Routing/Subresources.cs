namespace Tarn.S3.Routing;

/// <summary>The query parameters that name sub-resources.</summary>
internal static class Subresources
{
    /// <summary>The sub-resources that these operations have on one kind of target.</summary>
    public static IEnumerable<string> Of(IEnumerable<S3Operation> operations, S3Target target) => operations
        .Where(row => row.Target == target)
        .SelectMany(row => row.Query)

        // A parameter with a required value (list-type=2) selects a row but is not a sub-resource; neither is an id.
        .Where(static name => !name.Contains('=') && name is not ("partNumber" or "id" or "annotationName"))
        .Distinct();
}
