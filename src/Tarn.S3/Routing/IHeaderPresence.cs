namespace Tarn.S3.Routing;

/// <summary>Reports whether a request header is present.</summary>
internal interface IHeaderPresence
{
    bool Has(string lowerCaseName);
}
