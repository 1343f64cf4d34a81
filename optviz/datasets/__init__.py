"""Data sets: one file each, with its source and its licence; images and labels of a training and a test part."""

from optviz.datasets._dataset import REGISTRY, Dataset, Images, dataset, folder

__all__ = ["REGISTRY", "Dataset", "Images", "dataset", "folder"]
