namespace Tarn.S3.Routing;

/// <summary>Who authenticates and authorizes an operation.</summary>
internal enum OperationAuthorization
{
    /// <summary>The pipeline, before the operation runs.</summary>
    Pipeline,

    /// <summary>The pipeline refuses requests that nothing could allow; the operation authorizes each key in its body.</summary>
    PerKey,

    /// <summary>The operation itself: a preflight is anonymous, and a form is signed inside its body.</summary>
    Itself,
}
