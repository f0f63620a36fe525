namespace Tarn.S3.Requests;

/// <summary>Where a request carries its signature.</summary>
internal enum AuthMechanism
{
    None,

    /// <summary>Signature Version 4, in the Authorization header.</summary>
    Header,

    /// <summary>Signature Version 4, in the query: a presigned URL.</summary>
    Query,

    /// <summary>Signature Version 4, in the fields of a form.</summary>
    Form,

    /// <summary>Signature Version 2, in the Authorization header.</summary>
    HeaderVersion2,

    /// <summary>Signature Version 2, in the query.</summary>
    QueryVersion2,

    /// <summary>Signature Version 2, in the fields of a form.</summary>
    FormVersion2,

    /// <summary>A token of the control API in the Authorization header, which is no signature.</summary>
    Token,
}
