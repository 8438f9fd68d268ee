using System.Text.Json;
using System.Text.Json.Serialization;
using CurvatureActors.Training.Schedules;

namespace CurvatureActors.Training.Specification;

/// <summary>The one JSON form of specifications and plans: in the journal, in snapshots, under the identity.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    RespectNullableAnnotations = true)]
[JsonSerializable(typeof(RunSpecification))]
[JsonSerializable(typeof(TrainingPlan))]
[JsonSerializable(typeof(EquatableList<StabilityLimit>))]
[JsonSerializable(typeof(StabilityLimit[]))]
[JsonSerializable(typeof(int[]))]
[JsonSerializable(typeof(double[]))]
[JsonSerializable(typeof(string[]))]
public sealed partial class SpecificationJson : JsonSerializerContext
{
    /// <summary>UTF-8 JSON, fields in declaration order, no white space: equal specifications give equal bytes.</summary>
    public static byte[] Canonical(RunSpecification specification) =>
        JsonSerializer.SerializeToUtf8Bytes(specification, Default.RunSpecification);
}
