namespace Tarn.S3.Routing;

/// <summary>Who authenticates and authorizes an operation.</summary>
internal enum OperationAuthorization
{
    /// <summary>The pipeline, before the operation runs.</summary>
    Pipeline,

    /// <summary>The pipeline refuses what nothing could allow; the operation has each key that its body lists decided on its own.</summary>
    PerKey,

    /// <summary>The operation itself: a preflight is anonymous, and a form is signed inside its body.</summary>
    Itself,
}
